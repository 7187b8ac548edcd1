"""From fused scores to probabilities.

Two steps. First Platt scaling (Platt 1999) on two numbers: the log-odds of the softmax over all tags, which is right
where each photo has one tag, and the fused score itself, which is right where tags come independently. Its three
coefficients are shared by all tags and have a Gaussian prior centred on what the mean number of tags a photo implies:
few labels give nearly the prior, many a fit. Then a rising curve of a few knots corrects what a logistic cannot fit:
binned isotonic regression (Zadrozny and Elkan 2002), each bin shrunk towards the probability from Platt scaling. Both
are fitted on leave-one-out scores of labelled photos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from clustertags.support.numbers import sigmoid
from clustertags.types import Float64

LOG_ODDS_LIMIT = 14.0
PRIOR_DEVIATIONS = (0.3, 0.3, 1.0)
POSITIVES_PER_KNOT = 10
MAX_KNOTS = 14
PRIOR_PAIRS = 2.0
PRIOR_SCALE = 1.2
"""The sum of the components' weights at which a plain softmax is about calibrated, without any leave-one-out score."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probability = logistic(curve(`competition` * log-odds of the softmax + `score` * fused score + `offset`)).

    The curve maps `knots_from` to `knots_to`, rising tuples of equal length, by linear interpolation, with slope 1
    beyond the outer knots. Without knots it is the identity.

    `prior_weight`, in 0..1: how much of the log-odds comes from the softmax of `prior_scale` * fused scores instead, as
    where the labelled photos are too alike for leave-one-out scores to be trusted.
    """

    competition: float
    score: float
    offset: float
    knots_from: tuple[float, ...] = ()
    knots_to: tuple[float, ...] = ()
    prior_weight: float = 0.0
    prior_scale: float = 1.0
    prior_offset: float = 0.0

    def probabilities(self, fused: Float64) -> Float64:
        """(n, n_tags) float64 in 0..1; the order of a photo's tags is that of `fused`."""
        logits = self.competition * competition_log_odds(fused) + self.score * fused + self.offset
        if self.knots_from:
            low, high = self.knots_from[0], self.knots_from[-1]
            beyond = np.minimum(logits - low, 0.0) + np.maximum(logits - high, 0.0)
            logits = np.interp(logits, self.knots_from, self.knots_to) + beyond
        if self.prior_weight > 0:
            prior = competition_log_odds(self.prior_scale * fused) + self.prior_offset
            logits = (1.0 - self.prior_weight) * logits + self.prior_weight * prior
        result: Float64 = sigmoid(logits, 30.0)
        return result

    def to_json(self) -> dict[str, Any]:
        names = ("competition", "score", "offset", "prior_weight", "prior_scale", "prior_offset")
        plain = {name: getattr(self, name) for name in names}
        return {**plain, "knots_from": list(self.knots_from), "knots_to": list(self.knots_to)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Calibration:
        return cls(**{**saved, "knots_from": tuple(saved["knots_from"]), "knots_to": tuple(saved["knots_to"])})


def competition_log_odds(fused: Float64) -> Float64:
    """(n, n_tags) float64: log-odds of each tag in the softmax over the photo's tags, within +-14.

    Computed from the sum over the *other* tags, which is exact where one tag holds nearly all the probability. A single
    tag has no competitor and keeps its score.
    """
    if fused.shape[1] < 2:
        return np.asarray(np.clip(fused, -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT))
    top = fused.max(axis=1, keepdims=True)
    odds = np.exp(fused - top)
    others = np.maximum(odds.sum(axis=1, keepdims=True) - odds, 1e-300)
    result: Float64 = np.clip(fused - top - np.log(others), -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT)
    return result


def fit_calibration(
    fused: Float64, targets: Float64, tags_per_photo: float, *, trust: float = 1.0, scale: float = PRIOR_SCALE
) -> Calibration:
    """Fit on leave-one-out fused scores (n_tested, n_tags); `targets` are 0, 1 or NaN as in `fusion.fit_fusion`.

    Photos with a NaN target are excluded whole: only their zeros would remain, which bias probabilities downwards.
    `trust`, in 0..1, of leave-one-out scores: the rest of the log-odds is that of a plain softmax of the scores,
    rescaled from `scale`, the sum of the components' weights, to `PRIOR_SCALE`.
    """
    fitted = _fit(fused, targets, tags_per_photo)
    offset = float(np.log(max(tags_per_photo, 1e-3)))
    return replace(
        fitted, prior_weight=1.0 - trust, prior_scale=min(PRIOR_SCALE / max(scale, 1e-9), 1.0), prior_offset=offset
    )


def _fit(fused: Float64, targets: Float64, tags_per_photo: float) -> Calibration:
    offset = float(np.log(max(tags_per_photo, 1e-3)))
    prior = np.array([1.0, 0.0, offset])
    rows = np.flatnonzero(~np.isnan(targets).any(axis=1))
    if len(rows) < 3 or not targets[rows].any():
        return Calibration(1.0, 0.0, offset)
    from scipy.optimize import minimize  # noqa: PLC0415

    labels = targets[rows].ravel()
    inputs = np.stack([competition_log_odds(fused[rows]).ravel(), fused[rows].ravel(), np.ones(labels.size)])
    deviations = np.array(PRIOR_DEVIATIONS)

    def objective(coefficients: Float64) -> tuple[float, Float64]:
        logits = coefficients @ inputs
        off = (coefficients - prior) / deviations
        loss = float((np.logaddexp(0.0, logits) - labels * logits).sum() + 0.5 * off @ off)
        return loss, inputs @ (sigmoid(logits) - labels) + off / deviations

    bounds = [(0.02, None), (0.0, None), (None, None)]
    best = minimize(objective, prior, jac=True, method="L-BFGS-B", bounds=bounds)
    competition, score, offset = (float(value) for value in best.x)
    knots = _fit_curve(best.x @ inputs, labels)
    return Calibration(competition, score, offset, tuple(knots[0].tolist()), tuple(knots[1].tolist()))


def _fit_curve(logits: Float64, labels: Float64) -> Float64:
    """(2, n_knots) float64, both rows rising: log-odds from Platt scaling, and the corrected log-odds.

    `labels`: 0 or 1, one for each pair of a photo and a tag. Bins hold equal numbers of positive pairs. A bin's
    log-odds are those of its positives, with `PRIOR_PAIRS` pairs added at the rate that Platt scaling predicts; bins
    out of order are pooled with their neighbours.
    """
    n_bins = min(int(labels.sum()) // POSITIVES_PER_KNOT, MAX_KNOTS)
    if n_bins < 2:
        return np.zeros((2, 0))
    order = np.argsort(logits, kind="stable")
    logits, labels = logits[order], labels[order]
    bins = np.minimum((np.cumsum(labels) - labels) * n_bins // labels.sum(), n_bins - 1).astype(int)
    size = np.bincount(bins, np.ones(len(bins)), n_bins)
    predicted = np.bincount(bins, sigmoid(logits), n_bins) / size
    observed = (np.bincount(bins, labels, n_bins) + PRIOR_PAIRS * predicted) / (size + PRIOR_PAIRS)
    observed = _isotonic(np.asarray(observed), np.asarray(size))
    keep = np.append(True, np.diff(predicted) > 1e-9)
    predicted, observed = predicted[keep], observed[keep]
    # A little slope keeps the order of tags whose bins were pooled.
    corrected = np.log(observed / (1.0 - observed)) + 1e-4 * np.arange(len(observed))
    return np.stack([np.log(predicted / (1.0 - predicted)), corrected])


def _isotonic(values: Float64, weights: Float64) -> Float64:
    """The nearest rising sequence by weighted squares, by pooling adjacent violators (Ayer et al. 1955)."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        blocks.append((float(value), float(weight), 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (left, left_weight, left_n), (right, right_weight, right_n) = blocks[-2:]
            total = left_weight + right_weight
            blocks[-2:] = [((left * left_weight + right * right_weight) / total, total, left_n + right_n)]
    return np.concatenate([np.full(n, value) for value, _, n in blocks])
