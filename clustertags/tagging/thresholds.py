"""From a precision asked for to the score from which a tag is shown."""

from __future__ import annotations

import numpy as np

from clustertags.types import Float32, Float64

PRECISIONS = np.round(np.arange(0.05, 1.0, 0.01), 2)
POOLED_PHOTOS = 60.0
"""How many photos of a tag the mean over all tags counts for. Without labels, a tag that the model gives too freely
looks like one that is common: alone, it would have the lowest threshold of all."""


def threshold_table(probabilities: Float64) -> Float32:
    """(len(PRECISIONS), n_tags) float32: the score from which on a tag comes nearest to each precision.

    `probabilities` (n_sample, n_tags) are calibrated scores of unlabelled photos of the library. The precision to
    expect from a score on is the mean of the tag's scores from there, drawn towards the mean over all tags by
    `POOLED_PHOTOS`. A threshold is never above the precision asked for: a score as high as that is always enough.
    """
    n, n_tags = probabilities.shape
    ordered = -np.sort(-probabilities, axis=0)
    n_above = np.arange(1, n + 1)[:, None]
    expected = (np.cumsum(ordered, axis=0) + POOLED_PHOTOS * _pooled(ordered)) / (n_above + POOLED_PHOTOS)
    expected = np.minimum.accumulate(expected, axis=0)
    columns = np.arange(n_tags)
    table = np.empty((len(PRECISIONS), n_tags), dtype=np.float32)
    for at, precision in enumerate(PRECISIONS):
        enough = (expected >= precision).sum(axis=0)
        last, following = np.maximum(enough - 1, 0), np.minimum(enough, n - 1)
        too_high = expected[last, columns] - precision
        too_low = precision - expected[following, columns]
        lowest = ordered[np.where(too_low < too_high, following, last), columns]
        table[at] = np.where(enough > 0, np.minimum(lowest, precision), precision)
    return table


def _pooled(scores: Float64) -> Float64:
    """Same shape: the mean of all scores, of whatever tag, from each score on."""
    everything = np.sort(scores, axis=None)[::-1]
    means = np.cumsum(everything) / np.arange(1, everything.size + 1)
    n_from = np.searchsorted(-everything, -scores.ravel(), side="right").reshape(scores.shape)
    result: Float64 = means[n_from - 1]
    return result


def thresholds_at(table: Float32, precision: float) -> Float32:
    """(n_tags,) float32: the thresholds at a precision in 0..1, between two rows of the table by interpolation."""
    at = float(np.interp(precision, PRECISIONS, np.arange(len(PRECISIONS))))
    low = int(at)
    high = min(low + 1, len(PRECISIONS) - 1)
    mixed = table[low] + np.float32(at - low) * (table[high] - table[low])
    return np.asarray(mixed if precision > 0 else np.zeros_like(mixed), np.float32)
