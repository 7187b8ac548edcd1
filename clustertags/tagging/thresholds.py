"""From a requested precision to the lowest score at which a tag is given."""

from __future__ import annotations

import numpy as np

from clustertags.types import Float32, Float64

PRECISIONS = np.round(np.arange(0.05, 1.0, 0.01), 2)
POOLED_PHOTOS = 60.0
"""The weight of the mean over all tags, in photos of one tag. Without labels a tag that the model overestimates looks
like a common one, and by itself would get the lowest threshold of all."""


def threshold_table(probabilities: Float64) -> Float32:
    """(len(PRECISIONS), n_tags) float32: the threshold at which a tag's expected precision is nearest to each.

    `probabilities` (n_sample, n_tags): calibrated scores of unlabelled photos of the library. The expected precision of
    a threshold is the mean of the tag's scores above it, shrunk towards the mean over all tags by `POOLED_PHOTOS`. A
    threshold never exceeds the precision itself, as a calibrated score that high is sufficient.
    """
    n, n_tags = probabilities.shape
    ordered = -np.sort(-probabilities, axis=0)
    n_above = np.arange(1, n + 1)[:, None]
    expected = (np.cumsum(ordered, axis=0) + POOLED_PHOTOS * _pooled(ordered)) / (n_above + POOLED_PHOTOS)
    expected = np.minimum.accumulate(expected, axis=0)
    columns = np.arange(n_tags)
    table = np.empty((len(PRECISIONS), n_tags), dtype=np.float32)
    for at, precision in enumerate(PRECISIONS):
        n_sufficient = (expected >= precision).sum(axis=0)
        last, following = np.maximum(n_sufficient - 1, 0), np.minimum(n_sufficient, n - 1)
        too_high = expected[last, columns] - precision
        too_low = precision - expected[following, columns]
        lowest = ordered[np.where(too_low < too_high, following, last), columns]
        table[at] = np.where(n_sufficient > 0, np.minimum(lowest, precision), precision)
    return table


def _pooled(scores: Float64) -> Float64:
    """Same shape: the mean of all tags' scores that are at least each score."""
    descending = np.sort(scores, axis=None)[::-1]
    means = np.cumsum(descending) / np.arange(1, descending.size + 1)
    n_at_least = np.searchsorted(-descending, -scores.ravel(), side="right").reshape(scores.shape)
    result: Float64 = means[n_at_least - 1]
    return result


def thresholds_at(table: Float32, precision: float) -> Float32:
    """(n_tags,) float32: the thresholds for a precision in 0..1, interpolated between two rows of the table."""
    at = float(np.interp(precision, PRECISIONS, np.arange(len(PRECISIONS))))
    low = int(at)
    high = min(low + 1, len(PRECISIONS) - 1)
    mixed = table[low] + np.float32(at - low) * (table[high] - table[low])
    return np.asarray(mixed if precision > 0 else np.zeros_like(mixed), np.float32)
