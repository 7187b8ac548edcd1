"""The figures of the open protocol: whether a photo's best tag, and its score, hold where most photos show no tag."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Bool, Float64

N_BINS = 10


class Place(StrEnum):
    """Where photos are: in the library, which the fit saw without their tags, or outside, which it did not see."""

    LIBRARY = "library"
    OUTSIDE = "outside"


class ScoreKind(StrEnum):
    """Scores of a method as they are, where they lie in 0..1, and after the map to probabilities."""

    AS_GIVEN = "as given"
    MAPPED = "mapped"


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """Figures of the best tag of each photo, in 0..1; None where there are no photos to take one over.

    `auroc`: of the best score, photos of known against photos of unknown kinds; 0.5 is chance. `unknown_at_50`,
    `unknown_at_80`: share of photos of unknown kinds whose best tag scores 0.5, or 0.8, or more. `precision_at_50`,
    `precision_at_80`: of all photos whose best tag scores that much, the share where it is right. `kept_at_50`: share
    of photos of known kinds whose best tag is right and scores 0.5 or more. `ece`: expected calibration error of the
    best score over all photos, in ten bins of equal width.
    """

    auroc: float | None
    unknown_at_50: float | None
    unknown_at_80: float | None
    precision_at_50: float | None
    precision_at_80: float | None
    kept_at_50: float | None
    ece: float | None


def open_figures(raw: NDArray[np.floating], probabilities: NDArray[np.floating], truth: Bool) -> OpenFigures:
    """From (n, n_tags) scores in any unit, the same as probabilities, and the known tags that each photo has.

    The AUROC and the best tag are those of the raw scores.
    """
    n = len(truth)
    best = raw.argmax(axis=1) if n else np.zeros(0, np.intp)
    rows = np.arange(n)
    right, known = truth[rows, best], np.asarray(truth.any(axis=1))
    score = np.asarray(probabilities[rows, best], np.float64)
    return OpenFigures(
        _auroc(known, np.asarray(raw[rows, best], np.float64)),
        _mean(score[~known] >= 0.5),
        _mean(score[~known] >= 0.8),
        _mean(right[score >= 0.5]),
        _mean(right[score >= 0.8]),
        _mean((right & (score >= 0.5))[known]),
        calibration_error(score, right),
    )


def calibration_error(scores: Float64, right: Bool) -> float | None:
    """Sum over bins of (n_bin / n) * |mean score - share right| (Naeini et al. 2015), for (n,) scores in 0..1."""
    if not len(scores):
        return None
    bins = np.minimum((scores * N_BINS).astype(np.intp), N_BINS - 1)
    gaps = np.bincount(bins, scores - right, N_BINS)
    return float(np.abs(gaps).sum() / len(scores))


def _auroc(known: Bool, score: Float64) -> float | None:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    return float(roc_auc_score(known, score)) if known.any() and not known.all() else None


def _mean(values: Bool) -> float | None:
    return float(values.mean()) if len(values) else None
