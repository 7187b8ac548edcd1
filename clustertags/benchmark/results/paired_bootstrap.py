"""Confidence interval of the difference of two methods on the same photos and draws of labels."""

from __future__ import annotations

import numpy as np

from clustertags.evaluation.intervals import Bootstrap
from clustertags.evaluation.results import Estimate
from clustertags.types import Float64


class PairedDifference:
    """The difference of two methods with a paired bootstrap interval.

    Photos and draws of labels are each resampled with replacement (the two-way bootstrap of Owen 2007), so that the
    interval covers the choice of test photos and of labelled photos.
    """

    def __init__(self, n_photos: int, random_state: int = 0) -> None:
        self._photos = Bootstrap(n_photos, random_state=random_state)

    def between(self, first: Float64, second: Float64) -> Estimate:
        """The mean of first - second, both (n_draws, n_photos)."""
        gaps = first - second
        n_draws, n_photos = gaps.shape
        sums = self._photos.sums(np.ascontiguousarray(gaps.T))
        drawn = np.random.default_rng(n_draws).multinomial(n_draws, np.full(n_draws, 1 / n_draws), len(sums))
        return self._photos.estimate(float(gaps.mean()), (sums * drawn).sum(axis=1) / (n_draws * n_photos))
