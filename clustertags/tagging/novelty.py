"""Novelty detection: how far a photo is from all fitted photos, and from which distance on it is not tagged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Float32, Float64, Neighbours

N_NEAREST = 3
N_QUANTILES = 101
MARGIN = 0.5


@dataclass(frozen=True, slots=True)
class Novelty:
    """`quantiles` (101,) float32: of the fitted photos' `mean_closeness`, ascending; empty where there is none."""

    quantiles: Float32

    @property
    def limit(self) -> float:
        """Photos below this closeness are novel: the 0.5 % quantile less half its distance from the median."""
        if not len(self.quantiles):
            return -np.inf
        low = float(np.interp(0.005, np.linspace(0, 1, len(self.quantiles)), self.quantiles))
        return low - MARGIN * (float(self.quantiles[len(self.quantiles) // 2]) - low)

    def scores(self, closeness: Float64) -> Float32:
        """(n,) float32 in 0..1: the share of fitted photos with a higher closeness."""
        if not len(self.quantiles):
            return np.zeros(len(closeness), np.float32)
        below = np.interp(closeness, self.quantiles.astype(np.float64), np.linspace(0, 1, len(self.quantiles)))
        return np.round(1.0 - below, 6).astype(np.float32)

    def is_novel(self, closeness: Float64) -> NDArray[np.bool_]:
        """(n,) bool: whether the closeness is below the limit."""
        return np.asarray(closeness < self.limit)


def mean_closeness(neighbours: Neighbours) -> Float64:
    """(n,) float64: the mean cosine of a photo to its three nearest fitted photos."""
    nearest = neighbours.similarities[:, :N_NEAREST].astype(np.float64)
    if not nearest.shape[1]:
        return np.zeros(len(nearest))
    result: Float64 = nearest.mean(axis=1)
    return result


def fit_novelty(neighbours: Neighbours) -> Novelty:
    """Fit on the neighbours of every fitted photo among the others."""
    if not neighbours.indices.size:
        return Novelty(np.zeros(0, np.float32))
    levels = np.linspace(0.0, 1.0, N_QUANTILES)
    return Novelty(np.quantile(mean_closeness(neighbours), levels).astype(np.float32))
