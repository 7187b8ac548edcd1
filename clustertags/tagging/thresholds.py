"""From a precision asked for to the score from which a tag is shown."""

from __future__ import annotations

import numpy as np

from clustertags.tagging.representation import Float64
from clustertags.types import Float32

PRECISIONS = np.round(np.arange(0.05, 1.0, 0.01), 2)


def threshold_table(probabilities: Float64) -> Float32:
    """(len(PRECISIONS), n_tags) float32: the lowest score from which on a tag reaches each precision.

    `probabilities` (n_sample, n_tags) are calibrated scores of unlabelled photos of the library. The precision to
    expect from a score on is the mean of the scores above it. A threshold is therefore never above the precision asked
    for: a score that is itself as high is always enough.
    """
    ordered = -np.sort(-probabilities, axis=0)
    expected = np.cumsum(ordered, axis=0) / np.arange(1, len(ordered) + 1)[:, None]
    table = np.empty((len(PRECISIONS), probabilities.shape[1]), dtype=np.float32)
    for at, precision in enumerate(PRECISIONS):
        enough = (expected >= precision).sum(axis=0)
        lowest = ordered[np.maximum(enough - 1, 0), np.arange(ordered.shape[1])]
        table[at] = np.where(enough > 0, np.minimum(lowest, precision), precision)
    return table


def thresholds_at(table: Float32, precision: float) -> Float32:
    """(n_tags,) float32: the thresholds at a precision in 0..1, between two rows of the table by interpolation."""
    at = float(np.interp(precision, PRECISIONS, np.arange(len(PRECISIONS))))
    low = int(at)
    high = min(low + 1, len(PRECISIONS) - 1)
    mixed = table[low] + np.float32(at - low) * (table[high] - table[low])
    return np.asarray(mixed if precision > 0 else np.zeros_like(mixed), np.float32)
