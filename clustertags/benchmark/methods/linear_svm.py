"""A linear support vector machine on the network's features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

from clustertags.benchmark.method_building_blocks.tag_classifiers import TagClassifiers, decision, support_vectors
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class LinearSvm:
    """scikit-learn's `LinearSVC`, one tag against the rest, on the features of unit length. `strength`: its C."""

    strength: float = 1.0

    name: ClassVar[str] = "linear-svm"
    title: ClassVar[str] = "Linear SVM"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Razavian et al. 2014, CNN features off-the-shelf; Fan et al. 2008, LIBLINEAR"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.classifiers_ = TagClassifiers.fit(
            partial(support_vectors, self.strength, task.random_state), decision, photos.features.values, tags
        )
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: the signed distance to each tag's hyperplane, in margins."""
        return self.classifiers_.predict_scores(photos.features.values)
