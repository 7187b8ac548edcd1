"""A Bayesian network over discretised principal components of the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.method_building_blocks.tag_classifiers import TagClassifiers, log_odds
from clustertags.benchmark.method_building_blocks.tree_augmented_bayes import TreeNetwork
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.clustering.principal import fit_projection
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class BayesianNetwork:
    """Tree-augmented naive Bayes on `n_components` principal components, each cut into `n_bins` equal shares.

    Components and quantiles are computed from all training photos, labelled or not.
    """

    n_components: int = 16
    n_bins: int = 3

    name: ClassVar[str] = "bayesian-network"
    title: ClassVar[str] = "Bayesian network"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED)
    paper: ClassVar[str] = "Friedman, Geiger, Goldszmidt 1997, Bayesian network classifiers (TAN)"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        own = photos.features.values
        known = own if task.unlabelled is None else np.concatenate([own, task.unlabelled.features.values])
        self.projection_ = fit_projection(known, self.n_components).projection
        shares = np.arange(1, self.n_bins) / self.n_bins
        self.cuts_: Float64 = np.quantile(self._components(known), shares, axis=0)
        self.classifiers_ = TagClassifiers.fit(lambda: TreeNetwork(self.n_bins), log_odds, self._binned(photos), tags)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: the joint log probability where a photo has one tag, else the tag's log odds."""
        return self.classifiers_.predict_scores(self._binned(photos))

    def _components(self, values: NDArray[np.float32]) -> Float64:
        """Rounded, so that a photo near a cut is binned alike whatever its batch."""
        return np.asarray(np.round(self.projection_.project(values), 5), np.float64)

    def _binned(self, photos: PhotoSample) -> NDArray[np.intp]:
        return np.asarray((self._components(photos.features.values)[:, :, None] > self.cuts_.T).sum(axis=2), np.intp)
