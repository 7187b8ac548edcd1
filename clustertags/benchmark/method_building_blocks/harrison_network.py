"""The multi-label network of the HARRISON baseline, which its three rows share."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.learnable_tags import LearnableTags
from clustertags.benchmark.method_building_blocks.picture_cache import pictures_of
from clustertags.benchmark.method_building_blocks.scene_descriptor import layout_descriptors
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.types import Bool, Float32, Float64


@dataclass(eq=False)
class HarrisonNetwork:
    """scikit-learn's `MLPClassifier`, one hidden layer, a sigmoid and the cross-entropy of each tag.

    Both streams have unit length, so that neither dominates. The paper's second stream is a VGG trained on scenes,
    whose weights are in no package: a layout descriptor replaces it, and the row's title says so.
    """

    n_hidden: int = 512
    n_epochs: int = 100

    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]]
    paper: ClassVar[str] = "Park, Li, Kim 2016, HARRISON: a benchmark on hashtag recommendation for real-world images"
    objects: ClassVar[bool]
    scene: ClassVar[bool]
    name: ClassVar[str]

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.learnable_ = LearnableTags.two_class(tags)
        targets = tags[:, self.learnable_.columns]
        self.network_ = (
            _train(self._network(task.random_state), self._inputs(photos), targets) if targets.size else None
        )
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: each tag's probability in 0..1; tags that cannot be learnt are 1 above or below."""
        if self.network_ is None:
            return self.learnable_.expand(np.zeros((len(photos), 0)), len(photos))
        scores = np.asarray(self.network_.predict_proba(self._inputs(photos)), np.float64)
        if len(self.learnable_.columns) == 1:
            scores = scores[:, 1:]
        return self.learnable_.expand(scores, len(photos))

    def _inputs(self, photos: PhotoSample) -> Float32:
        streams = [photos.features.values] if self.objects else []
        if self.scene:
            streams.append(layout_descriptors(pictures_of(photos, self.name)))
        # Unit length, times 10: values near 1/36 would make the network's first steps too small.
        return np.asarray(10 * np.concatenate(streams, axis=1), np.float32)

    def _network(self, random_state: int) -> Any:
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415

        return MLPClassifier((self.n_hidden,), batch_size="auto", max_iter=self.n_epochs, random_state=random_state)


def _train(network: Any, inputs: Float32, targets: Bool) -> Any:
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the recipe fixes the number of epochs
        return network.fit(inputs, targets[:, 0] if targets.shape[1] == 1 else targets.astype(np.int32))
