"""Elkan and Noto's correction of a classifier of labelled against unlabelled photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.positive_unlabelled import LabelledClassifier
from clustertags.benchmark.method_building_blocks.tag_classifiers import TagProbabilities
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class ElkanNoto:
    """P(t | x) = min(1, g(x) / c) P(t | labelled, x).

    Elkan and Noto 2008, "Learning classifiers from only positive and unlabeled data". g(x) is the probability that a
    photo is labelled, by logistic regression of labelled against unlabelled photos; c is its mean over labelled photos
    that were held out, the paper's estimator e1; g / c is the probability that the photo shows any of the tags. One
    classifier for all tags, as c of a tag with a few labels is noise. P(t | labelled, x) is logistic regression on the
    labelled photos, multinomial where each has one tag. `strength`: C of both, as in the row of logistic regression.
    """

    strength: float = 10.0

    name: ClassVar[str] = "elkan-noto"
    title: ClassVar[str] = "Elkan-Noto"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED)
    paper: ClassVar[str] = "Elkan, Noto 2008, Learning classifiers from only positive and unlabeled data"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.tags_ = TagProbabilities.fit(photos.features.values, tags, self.strength)
        self.labelled_ = LabelledClassifier.fit(photos, task.unlabelled, self.strength, task.random_state)
        self.label_frequency_ = float(self.labelled_.positives.mean()) if self.labelled_ else 1.0
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64 in 0..1; without unlabelled photos every photo is taken to show a tag."""
        values = photos.features.values
        found = self.tags_.predict(values)
        if self.labelled_ is None:
            return found
        return np.minimum(self.labelled_.scores(values) / self.label_frequency_, 1.0)[:, None] * found
