"""scikit-learn's classifier by k nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.methods.contract import Family, Need, PhotoSample, Task
from clustertags.benchmark.methods.registry import register
from clustertags.benchmark.methods.taught_tags import Float64
from clustertags.types import Bool


@register
@dataclass(eq=False)
class KnnClassifier:
    """`KNeighborsClassifier` as scikit-learn sets it, 5 neighbours with one vote each, on features of unit length.

    Unlike "nearest-photos" it knows no tie-break and no choice of k: this is the row of the comparison paper.
    """

    k: int = 5

    name: ClassVar[str] = "knn-classifier"
    title: ClassVar[str] = "k nearest neighbours"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Cover, Hart 1967; scikit-learn's KNeighborsClassifier"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        from sklearn.neighbors import KNeighborsClassifier  # noqa: PLC0415

        # One column of zeros and ones a tag: scikit-learn then takes every tag for a question of its own.
        self.targets_ = tags.astype(np.int32)
        self.classifier_ = KNeighborsClassifier(n_neighbors=min(self.k, len(tags))).fit(
            photos.features.values, self.targets_
        )
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64 in 0..1: the share of the neighbours that carry the tag."""
        near = self.classifier_.kneighbors(photos.features.values, return_distance=False)
        return np.asarray(self.targets_[near].mean(axis=1), np.float64)
