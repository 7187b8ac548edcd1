"""Metrics at a threshold: counts for each tag, precision against coverage, the confusion matrix."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    multilabel_confusion_matrix,
    precision_recall_curve,
)

from clustertags.evaluation.intervals import Bootstrap, wilson
from clustertags.evaluation.predictions import Predictions
from clustertags.evaluation.results import CurvePoint, PrecisionTarget, TagMetrics
from clustertags.types import Bool, Int32

_CURVE_POINTS = 120


def tag_metrics(predictions: Predictions, min_score: float) -> tuple[TagMetrics, ...]:
    """Counts and rates of every tag, predicted from `min_score` on, in the order of the vocabulary."""
    truth, predicted = predictions.truth, predictions.predicted_from(min_score)
    # scikit-learn takes a single column for a binary target; a second, empty one keeps it multilabel.
    padding = ((0, 0), (0, 1))
    counted = multilabel_confusion_matrix(np.pad(truth, padding), np.pad(predicted, padding))[:-1]
    tags = []
    for at, tag in enumerate(predictions.vocabulary):
        (tn, fp), (fn, tp) = ((int(value) for value in row) for row in counted[at])
        n_true = tp + fn
        average_precision = float(average_precision_score(truth[:, at], predictions.scores[:, at])) if n_true else None
        tags.append(TagMetrics(tag, n_true, tp, fp, fn, tn, wilson(tp, tp + fp), wilson(tp, n_true), average_precision))
    return tuple(tags)


def at_precision(target: float, truth: Bool, predicted: Bool, bootstrap: Bootstrap) -> PrecisionTarget:
    """Metrics of (n, n_tags) predicted tags; precision is None where no tag is predicted."""
    n_correct = (truth & predicted).sum(axis=1).astype(np.float64)
    return PrecisionTarget(
        target,
        bootstrap.ratio(n_correct, predicted.sum(axis=1).astype(np.float64)),
        bootstrap.mean(np.asarray(predicted.any(axis=1), np.float64)),
        bootstrap.ratio(n_correct, truth.sum(axis=1).astype(np.float64)),
    )


def coverage_curve(predictions: Predictions) -> tuple[CurvePoint, ...]:
    """Precision against coverage as one minimum score for all tags falls from the highest score to 0.

    Photos that abstain get no tag at any minimum score and count as not covered. At most `_CURVE_POINTS` points.
    """
    scores = np.where(predictions.abstained[:, None], np.float32(-1), predictions.scores)
    precision, recall, min_scores = precision_recall_curve(
        predictions.truth.ravel(), scores.ravel(), drop_intermediate=False
    )
    kept = np.flatnonzero(min_scores >= 0)[::-1]
    if not len(kept):
        return ()
    best = np.sort(scores.max(axis=1))
    covered = 1 - np.searchsorted(best, min_scores, side="left") / predictions.n_photos
    # Even steps along both coverages: most minimum scores lie where little is predicted.
    coverage = (covered[kept] + recall[kept]) / 2
    steps = np.linspace(coverage[0], coverage[-1], _CURVE_POINTS)
    chosen = kept[np.unique(np.minimum(np.searchsorted(coverage, steps), len(kept) - 1))]
    return tuple(
        CurvePoint(float(min_scores[at]), float(precision[at]), float(covered[at]), float(recall[at])) for at in chosen
    )


def confusion(predictions: Predictions, top: Int32) -> Int32 | None:
    """(n_tags, n_tags) int32, true tag by top-ranked tag `top` (n,); None unless each photo has one tag of several."""
    if not predictions.one_tag_a_photo or len(predictions.vocabulary) < 2:
        return None
    columns = np.arange(len(predictions.vocabulary))
    return np.asarray(confusion_matrix(predictions.truth.argmax(axis=1), top, labels=columns), np.int32)
