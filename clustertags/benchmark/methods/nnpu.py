"""Learning from positive and unlabelled photos with the non-negative risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.learnable_tags import LearnableTags
from clustertags.benchmark.method_building_blocks.non_negative_risk import LinearClassifiers, PositiveUnlabelled
from clustertags.benchmark.method_building_blocks.positive_unlabelled import LabelledClassifier, best_bin_share
from clustertags.benchmark.method_building_blocks.tag_classifiers import TagProbabilities
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.support.numbers import sigmoid
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class NonNegativePU:
    """A linear classifier a tag: its labelled photos are positive, all photos of the library unlabelled.

    Kiryo, Niu, du Plessis, Sugiyama 2017, "Positive-Unlabeled Learning with Non-Negative Risk Estimator"; see
    `non_negative_risk`. The class priors: the share of the unlabelled photos that show any tag is estimated by the best
    bin (Garg et al. 2021) from held-out scores of labelled against unlabelled photos. It is divided among the tags by
    their mean probability over that share of the unlabelled photos, those with the highest such scores, by logistic
    regression on the labelled photos. `strength`: C of both classifiers; `penalty`: of the squared weights of the
    linear ones.
    """

    strength: float = 10.0
    penalty: float = 1e-4
    n_steps: int = 300

    name: ClassVar[str] = "nnpu"
    title: ClassVar[str] = "nnPU"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED)
    paper: ClassVar[str] = "Kiryo et al. 2017, Positive-unlabeled learning with non-negative risk estimator"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.learnable_ = LearnableTags.two_class(tags)
        self.shares_ = self._shares(photos, tags, task)
        kept, values = self.learnable_.columns, photos.features.values
        if task.unlabelled is not None:
            values = np.concatenate([values, task.unlabelled.features.values])
        examples = PositiveUnlabelled(values, tags[:, kept], self.shares_[kept])
        self.classifiers_: LinearClassifiers = examples.fit(self.penalty, self.n_steps)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64 in 0..1; a tag of all labelled photos has 1, one of none 0."""
        found = sigmoid(self.classifiers_.log_odds(photos.features.values))
        return np.clip(self.learnable_.expand(found, len(photos)), 0.0, 1.0)

    def _shares(self, photos: PhotoSample, tags: Bool, task: Task) -> Float64:
        """(n_tags,) float64 within 0..1: the estimated share of the library's photos with each tag."""
        n = len(photos)
        counts = tags.sum(axis=0, dtype=np.float64)
        labelled = LabelledClassifier.fit(photos, task.unlabelled, self.strength, task.random_state)
        if labelled is None or task.unlabelled is None:
            self.known_share_ = 1.0
        else:
            self.known_share_ = best_bin_share(labelled.positives, labelled.unlabelled)
            n_known = round(self.known_share_ * len(labelled.unlabelled))
            likely = np.argsort(-labelled.unlabelled, kind="stable")[:n_known]
            found = TagProbabilities.fit(photos.features.values, tags, self.strength)
            counts += found.predict(task.unlabelled.features.values[likely]).sum(axis=0)
            n += len(labelled.unlabelled)
        return np.asarray(np.clip(counts / n, 0.5 / n, 1.0 - 0.5 / n))
