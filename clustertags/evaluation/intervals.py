"""How far a figure may be off: the bootstrap over photos, and Wilson's interval for a share."""

from __future__ import annotations

import numpy as np

from clustertags.evaluation.results import Figure
from clustertags.types import Float64

N_DRAWS = 1000

_Z = 1.959964  # the normal quantile of 0.975
_PERCENTILES = (2.5, 97.5)
_CHUNK = 1 << 22


class Bootstrap:
    """Photos drawn anew, with replacement: how often each of `n_photos` comes up in each of `n_draws` draws.

    `counts`: (n_draws, n_photos) uint8. The same seed draws the same photos for every figure.
    """

    def __init__(self, n_photos: int, *, seed: int = 0, n_draws: int = N_DRAWS) -> None:
        random = np.random.default_rng(seed)
        self.counts = np.empty((n_draws, n_photos), np.uint8)
        rows = max(1, _CHUNK // n_photos)
        for start in range(0, n_draws, rows):
            n = min(rows, n_draws - start)
            drawn = random.integers(0, n_photos, (n, n_photos)) + n_photos * np.arange(n)[:, None]
            self.counts[start : start + n] = np.bincount(drawn.ravel(), minlength=n * n_photos).reshape(n, n_photos)

    @property
    def n_photos(self) -> int:
        return self.counts.shape[1]

    def sums(self, values: Float64) -> Float64:
        """(n_draws, n_values) float64: the sums over the photos of each draw of `values` (n_photos, n_values)."""
        rows = max(1, _CHUNK // self.n_photos)
        parts = [self.counts[at : at + rows].astype(np.float64) @ values for at in range(0, len(self.counts), rows)]
        return np.concatenate(parts)

    def ratio(self, above: Float64, below: Float64) -> Figure:
        """The sum of `above` over the sum of `below`, both (n_photos,); None where nothing is below."""
        if below.sum() == 0:
            return Figure(None)
        drawn = self.sums(np.stack([above, below], axis=1))
        kept = drawn[:, 1] > 0
        return self.figure(float(above.sum() / below.sum()), drawn[kept, 0] / drawn[kept, 1])

    def mean(self, values: Float64) -> Figure:
        """The mean of (n_photos,) values."""
        return self.ratio(values, np.ones(len(values)))

    def figure(self, value: float, drawn: Float64, *, shifted: bool = False) -> Figure:
        """The value with the percentile interval of its draws; without one for a single photo.

        `shifted`: for a figure in 0..1 that drawing photos anew makes larger on average, so that the draws tell how far
        it spreads but not around what: 1.96 of their standard deviations to either side of the value instead (the
        normal interval of Efron and Tibshirani 1993, 12).
        """
        if self.n_photos < 2 or not len(drawn):
            return Figure(value)
        low, high = (float(end) for end in np.percentile(drawn, _PERCENTILES))
        if shifted:
            half = _Z * float(np.std(drawn))
            low, high = max(value - half, 0.0), min(value + half, 1.0)
        return Figure(value, low, high)


def wilson(right: int, n: int) -> Figure:
    """The share `right / n` with its 95 % score interval (Wilson 1927); None where `n` is 0."""
    if n == 0:
        return Figure(None)
    share, square = right / n, _Z**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * float(np.sqrt(share * (1 - share) / n + square / (4 * n**2)))
    return Figure(share, max(centre - half, 0.0), min(centre + half, 1.0))
