"""scikit-learn's k-nearest-neighbours classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class KnnClassifier:
    """scikit-learn's `KNeighborsClassifier` with votes weighted by the inverse distance, on features of unit length.

    Unlike "nearest-photos" it does not choose k and does not order tags of no neighbour.
    """

    k: int = 5

    name: ClassVar[str] = "knn-classifier"
    title: ClassVar[str] = "k nearest neighbours"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Cover, Hart 1967; scikit-learn's KNeighborsClassifier"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        from sklearn.neighbors import KNeighborsRegressor  # noqa: PLC0415

        # The mean of zeros and ones is the classifier's probability, for all tags at once, also for tags of all or
        # none of the labelled photos.
        self.regressor_ = KNeighborsRegressor(min(self.k, len(tags)), weights="distance").fit(
            photos.features.values.astype(np.float64), tags.astype(np.float64)
        )
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64 in 0..1: the weighted share of the neighbours with the tag."""
        found = np.asarray(self.regressor_.predict(photos.features.values.astype(np.float64)), np.float64)
        return found.reshape(len(photos), -1)
