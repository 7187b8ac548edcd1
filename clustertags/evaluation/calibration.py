"""Calibration of scores: expected calibration error, its bins, and the Brier score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.evaluation.intervals import Bootstrap
from clustertags.evaluation.results import Bin, Reliability
from clustertags.types import Bool, Float32, Float64

N_BINS = 15
_EDGES = np.linspace(0, 1, N_BINS + 1)


def reliability(correct: Bool, scores: Float32, bootstrap: Bootstrap, weights: Float64 | None = None) -> Reliability:
    """Expected calibration error over `N_BINS` bins of equal width (Naeini et al. 2015, Guo et al. 2017).

    ECE = sum over bins of (n_bin / n) * |share correct - mean score|; `correct` and `scores`: (n_photos, n_columns),
    one column a tag, or a single one for the top tag; `weights`: (n_photos,) float64, of each photo. Bins are those of
    `sklearn.calibration.calibration_curve`, which does not return their sizes. Bootstrap draws overstate the error, as
    they add the noise of a bin once more.
    """
    n_photos = len(correct)
    bins = np.searchsorted(_EDGES[1:-1], scores)
    cells = bins + N_BINS * np.arange(n_photos)[:, None]
    counts = _sum_by_bin(cells, None, n_photos)
    sums = np.stack([counts, *(_sum_by_bin(cells, values, n_photos) for values in (scores, correct))], axis=1)
    if weights is not None:
        sums *= weights[:, None, None]
    total, score_sums, correct_sums = sums.sum(axis=0)
    n = counts.sum(axis=0)
    drawn = bootstrap.sums(sums.reshape(n_photos, -1)).reshape(-1, 3, N_BINS)
    errors = np.abs(drawn[:, 1] - drawn[:, 2]).sum(axis=1) / drawn[:, 0].sum(axis=1)
    value = float(np.abs(score_sums - correct_sums).sum() / total.sum())
    return Reliability(
        bootstrap.estimate(value, errors, biased=True),
        tuple(
            Bin(
                float(_EDGES[at]),
                float(_EDGES[at + 1]),
                int(n[at]),
                float(score_sums[at] / total[at]),
                float(correct_sums[at] / total[at]),
            )
            for at in np.flatnonzero(n)
        ),
    )


def _sum_by_bin(cells: NDArray[np.intp], weights: NDArray[np.generic] | None, n_photos: int) -> Float64:
    """(n_photos, N_BINS) float64: the weights that fall into each photo's bins."""
    flat = None if weights is None else weights.ravel().astype(np.float64)
    return np.bincount(cells.ravel(), flat, n_photos * N_BINS).reshape(n_photos, N_BINS).astype(np.float64)


def squared_errors(correct: Bool, scores: Float32) -> Float64:
    """(n,) mean over tags of (score - correct)^2: their mean is `sklearn.metrics.brier_score_loss` over all pairs."""
    return np.asarray(((scores.astype(np.float64) - correct) ** 2).mean(axis=1))
