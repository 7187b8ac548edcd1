"""Metrics photo by photo and tag by tag, so that methods can be compared in pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from clustertags.evaluation.ranking_metrics import rank
from clustertags.types import Bool, Float64

MAIN_METRIC = "MiAP"
PHOTO_METRICS = ("MiAP", "P@1", "R@5", "A@5", "NDCG")
ONE_TAG_METRICS = ("top-1 accuracy", "top-5 accuracy", "top-10 accuracy")
TAG_METRIC = "MAP"


def per_photo_metrics(truth: Bool, scores: NDArray[np.floating]) -> dict[str, Float64]:
    """(n,) each, by the names in `metric_descriptions`; top-K accuracies where each photo has one tag."""
    ranking = rank(truth, np.asarray(scores, np.float64))
    metrics = {
        "MiAP": ranking.average_precision(),
        "P@1": ranking.precision(1),
        "R@5": ranking.recall(5),
        "A@5": ranking.accuracy(5),
        "NDCG": ranking.ndcg(),
    }
    if (truth.sum(axis=1) == 1).all():
        metrics |= {name: ranking.accuracy(k) for name, k in zip(ONE_TAG_METRICS, (1, 5, 10), strict=True)}
    return metrics


def per_tag_average_precision(truth: Bool, scores: NDArray[np.floating]) -> Float64:
    """(n_tags,) the average precision over photos of each tag, NaN where no photo has it; the mean is MAP."""
    found = np.full(truth.shape[1], np.nan)
    for tag in np.flatnonzero(truth.any(axis=0)):
        found[tag] = average_precision_score(truth[:, tag], scores[:, tag])
    return found
