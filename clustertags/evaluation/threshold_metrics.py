"""What giving some tags and withholding others leads to: counts a tag, precision against coverage, confusion."""

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
from clustertags.evaluation.results import AskedPrecision, CurvePoint, TagFigures
from clustertags.types import Bool, Int32

_CURVE_POINTS = 120


def tag_figures(predictions: Predictions, least_score: float) -> tuple[TagFigures, ...]:
    """Counts and rates of every tag where tags are given from `least_score` on, in the order of the vocabulary."""
    truth, given = predictions.truth, predictions.given_from(least_score)
    # scikit-learn takes a single column for one yes-or-no question; a second, empty one keeps it a table of tags.
    padding = ((0, 0), (0, 1))
    counted = multilabel_confusion_matrix(np.pad(truth, padding), np.pad(given, padding))[:-1]
    made = []
    for at, tag in enumerate(predictions.vocabulary):
        (tn, fp), (fn, tp) = ((int(value) for value in row) for row in counted[at])
        carried = tp + fn
        found = float(average_precision_score(truth[:, at], predictions.scores[:, at])) if carried else None
        made.append(TagFigures(tag, carried, tp, fp, fn, tn, wilson(tp, tp + fp), wilson(tp, carried), found))
    return tuple(made)


def at_precision(asked: float, truth: Bool, given: Bool, bootstrap: Bootstrap) -> AskedPrecision:
    """What (n, n_tags) given tags are worth; precision is None where no tag is given at all."""
    right = (truth & given).sum(axis=1).astype(np.float64)
    return AskedPrecision(
        asked,
        bootstrap.ratio(right, given.sum(axis=1).astype(np.float64)),
        bootstrap.mean(np.asarray(given.any(axis=1), np.float64)),
        bootstrap.ratio(right, truth.sum(axis=1).astype(np.float64)),
    )


def coverage_curve(predictions: Predictions) -> tuple[CurvePoint, ...]:
    """Precision against coverage as one least score for all tags falls from the highest score to 0.

    Photos that abstain get no tag at any least score, and count as not covered. At most `_CURVE_POINTS` points.
    """
    scores = np.where(predictions.abstained[:, None], np.float32(-1), predictions.scores)
    precision, recall, least = precision_recall_curve(
        predictions.truth.ravel(), scores.ravel(), drop_intermediate=False
    )
    kept = np.flatnonzero(least >= 0)[::-1]
    if not len(kept):
        return ()
    best = np.sort(scores.max(axis=1))
    covered = 1 - np.searchsorted(best, least, side="left") / predictions.n_photos
    # Even steps along both coverages: most least scores lie where little is given.
    way = (covered[kept] + recall[kept]) / 2
    wanted = np.linspace(way[0], way[-1], _CURVE_POINTS)
    chosen = kept[np.unique(np.minimum(np.searchsorted(way, wanted), len(kept) - 1))]
    return tuple(
        CurvePoint(float(least[at]), float(precision[at]), float(covered[at]), float(recall[at])) for at in chosen
    )


def confusion(predictions: Predictions, best: Int32) -> Int32 | None:
    """(n_tags, n_tags) int32, true tag by best-ranked tag `best` (n,); None unless each has one tag of several."""
    if not predictions.one_tag_a_photo or len(predictions.vocabulary) < 2:
        return None
    columns = np.arange(len(predictions.vocabulary))
    return np.asarray(confusion_matrix(predictions.truth.argmax(axis=1), best, labels=columns), np.int32)
