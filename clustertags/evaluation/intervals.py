"""Confidence intervals: the bootstrap over photos, and the Wilson interval of a proportion."""

from __future__ import annotations

import numpy as np

from clustertags.evaluation.results import Estimate
from clustertags.types import Float64, Int32

N_DRAWS = 1000

_Z = 1.959964  # the normal quantile of 0.975
_PERCENTILES = (2.5, 97.5)
_CHUNK = 1 << 22


class Bootstrap:
    """Photos resampled with replacement: how often each of `n_photos` is in each of `n_draws` draws.

    `counts`: (n_draws, n_photos) uint8. The same `random_state` draws the same photos for every metric.
    """

    def __init__(self, n_photos: int, *, random_state: int = 0, n_draws: int = N_DRAWS) -> None:
        self.n_units = n_photos
        generator = np.random.default_rng(random_state)
        self.counts = np.empty((n_draws, n_photos), np.uint8)
        rows = max(1, _CHUNK // n_photos)
        for start in range(0, n_draws, rows):
            n = min(rows, n_draws - start)
            drawn = generator.integers(0, n_photos, (n, n_photos)) + n_photos * np.arange(n)[:, None]
            self.counts[start : start + n] = np.bincount(drawn.ravel(), minlength=n * n_photos).reshape(n, n_photos)

    @classmethod
    def over_units(cls, units: Int32, *, random_state: int = 0, n_draws: int = N_DRAWS) -> Bootstrap:
        """Units are resampled instead, with all of their photos (Field and Welsh 2007); `units`: (n_photos,) int32."""
        numbers, of_photo = np.unique(units, return_inverse=True)
        drawn = cls(len(numbers), random_state=random_state, n_draws=n_draws)
        drawn.n_units = len(numbers)
        drawn.counts = drawn.counts[:, of_photo]
        return drawn

    @property
    def n_photos(self) -> int:
        return self.counts.shape[1]

    def sums(self, values: Float64) -> Float64:
        """(n_draws, n_values) float64: the sums over the photos of each draw of `values` (n_photos, n_values)."""
        rows = max(1, _CHUNK // self.n_photos)
        parts = [self.counts[at : at + rows].astype(np.float64) @ values for at in range(0, len(self.counts), rows)]
        return np.concatenate(parts)

    def ratio(self, numerator: Float64, denominator: Float64) -> Estimate:
        """The sum of `numerator` over the sum of `denominator`, both (n_photos,); None where the latter is 0."""
        if denominator.sum() == 0:
            return Estimate(None)
        drawn = self.sums(np.stack([numerator, denominator], axis=1))
        kept = drawn[:, 1] > 0
        return self.estimate(float(numerator.sum() / denominator.sum()), drawn[kept, 0] / drawn[kept, 1])

    def mean(self, values: Float64) -> Estimate:
        """The mean of (n_photos,) values."""
        return self.ratio(values, np.ones(len(values)))

    def estimate(self, value: float, drawn: Float64, *, biased: bool = False) -> Estimate:
        """The value with the percentile interval of its draws; without one for a single photo or unit.

        `biased`: for a metric in 0..1 whose mean over the draws differs from its value. The interval is then 1.96
        standard deviations of the draws on either side of the value (the normal interval of Efron and Tibshirani
        1993, 12).
        """
        if self.n_units < 2 or not len(drawn):
            return Estimate(value)
        low, high = (float(end) for end in np.percentile(drawn, _PERCENTILES))
        if biased:
            half = _Z * float(np.std(drawn))
            low, high = max(value - half, 0.0), min(value + half, 1.0)
        return Estimate(value, low, high)


def wilson(n_correct: int, n: int) -> Estimate:
    """The proportion `n_correct / n` with its 95 % score interval (Wilson 1927); None where `n` is 0."""
    if n == 0:
        return Estimate(None)
    share, square = n_correct / n, _Z**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * float(np.sqrt(share * (1 - share) / n + square / (4 * n**2)))
    return Estimate(share, max(centre - half, 0.0), min(centre + half, 1.0))
