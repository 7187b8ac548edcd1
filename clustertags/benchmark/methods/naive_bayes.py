"""Gaussian naive Bayes on the network's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.tag_classifiers import TagClassifiers, log_odds
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class NaiveBayes:
    """scikit-learn's `GaussianNB` on the features of unit length.

    `smoothing`: added to all variances, as a share of the largest: a tag with one photo has a variance of 0.
    """

    smoothing: float = 0.1

    name: ClassVar[str] = "naive-bayes"
    title: ClassVar[str] = "Naive Bayes"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Zhang 2004, The optimality of naive Bayes; scikit-learn's GaussianNB"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        from sklearn.naive_bayes import GaussianNB  # noqa: PLC0415

        # In float64: scikit-learn's variances of a class with one photo are differences of large sums.
        inputs = photos.features.values.astype(np.float64)
        self.classifiers_ = TagClassifiers.fit(lambda: GaussianNB(var_smoothing=self.smoothing), log_odds, inputs, tags)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: the joint log likelihood where a photo has one tag, else the tag's log odds."""
        return self.classifiers_.predict_scores(photos.features.values.astype(np.float64))
