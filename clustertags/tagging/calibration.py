"""From fused scores to probabilities.

Two steps. First Platt scaling (Platt 1999) on two numbers: the log-odds of the softmax over all tags, which is right
where each photo has one tag, and the fused score itself, which is right where tags come independently. Its three
coefficients are pooled over tags and held by a Gaussian prior around what the number of tags a photo implies, so that
few labels give a plain answer and many a fitted one. Then a rising curve of a few knots mends what a logistic cannot
bend: binned isotonic regression (Zadrozny and Elkan 2002), each bin drawn towards what Platt scaling said of it. All is
fitted on scores of labelled photos by parts that did not see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustertags.support.numbers import sigmoid
from clustertags.types import Float64

LOG_ODDS_LIMIT = 14.0
PRIOR_DEVIATIONS = (0.3, 0.3, 1.0)
RIGHT_A_KNOT = 10
MOST_KNOTS = 14
PRIOR_PAIRS = 2.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probability = logistic(curve(`competition` * log-odds of the softmax + `score` * fused score + `offset`)).

    The curve runs straight through `knots_from` to `knots_to`, tuples of equal length, rising; beyond the outer knots
    it goes on at slope 1. No knots: no curve.
    """

    competition: float
    score: float
    offset: float
    knots_from: tuple[float, ...] = ()
    knots_to: tuple[float, ...] = ()

    def probabilities(self, fused: Float64) -> Float64:
        """(n, n_tags) float64 in 0..1; the order of a photo's tags is that of `fused`."""
        logits = self.competition * competition_log_odds(fused) + self.score * fused + self.offset
        if self.knots_from:
            low, high = self.knots_from[0], self.knots_from[-1]
            beyond = np.minimum(logits - low, 0.0) + np.maximum(logits - high, 0.0)
            logits = np.interp(logits, self.knots_from, self.knots_to) + beyond
        result: Float64 = sigmoid(logits, 30.0)
        return result

    def to_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in ("competition", "score", "offset")}
        return {**plain, "knots_from": list(self.knots_from), "knots_to": list(self.knots_to)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Calibration:
        return cls(**{**saved, "knots_from": tuple(saved["knots_from"]), "knots_to": tuple(saved["knots_to"])})


def competition_log_odds(fused: Float64) -> Float64:
    """(n, n_tags) float64: log-odds of each tag in the softmax over the photo's tags, within +-14.

    Found from the sum over the *other* tags, so that it is exact where one tag holds nearly all. A single tag competes
    with nothing else than its absence, and keeps its score.
    """
    if fused.shape[1] < 2:
        return np.asarray(np.clip(fused, -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT))
    top = fused.max(axis=1, keepdims=True)
    odds = np.exp(fused - top)
    others = np.maximum(odds.sum(axis=1, keepdims=True) - odds, 1e-300)
    result: Float64 = np.clip(fused - top - np.log(others), -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT)
    return result


def fit_calibration(fused: Float64, targets: Float64, tags_per_photo: float) -> Calibration:
    """Fit on left-out fused scores (n_tested, n_tags); `targets` are 0, 1 or NaN as in `fusion.fit_fusion`.

    Photos one of whose tags cannot be tested are left out whole: their scores would teach that no tag is right.
    """
    offset = float(np.log(max(tags_per_photo, 1e-3)))
    prior = np.array([1.0, 0.0, offset])
    rows = np.flatnonzero(~np.isnan(targets).any(axis=1))
    if len(rows) < 3 or not targets[rows].any():
        return Calibration(1.0, 0.0, offset)
    from scipy.optimize import minimize  # noqa: PLC0415

    right = targets[rows].ravel()
    inputs = np.stack([competition_log_odds(fused[rows]).ravel(), fused[rows].ravel(), np.ones(right.size)])
    deviations = np.array(PRIOR_DEVIATIONS)

    def objective(coefficients: Float64) -> tuple[float, Float64]:
        logits = coefficients @ inputs
        off = (coefficients - prior) / deviations
        loss = float((np.logaddexp(0.0, logits) - right * logits).sum() + 0.5 * off @ off)
        chance = sigmoid(logits)
        return loss, inputs @ (chance - right) + off / deviations

    bounds = [(0.02, None), (0.0, None), (None, None)]
    best = minimize(objective, prior, jac=True, method="L-BFGS-B", bounds=bounds)
    competition, score, offset = (float(value) for value in best.x)
    knots = _fit_curve(best.x @ inputs, right)
    return Calibration(competition, score, offset, tuple(knots[0].tolist()), tuple(knots[1].tolist()))


def _fit_curve(logits: Float64, right: Float64) -> Float64:
    """(2, n_knots) float64, both rows rising: where Platt's log-odds are, and where they should be.

    Bins hold equal numbers of right pairs. A bin's log-odds are those of its right pairs, with `PRIOR_PAIRS` pairs
    added that are right as often as Platt scaling says; bins out of order are pooled with their neighbours.
    """
    n_bins = min(int(right.sum()) // RIGHT_A_KNOT, MOST_KNOTS)
    if n_bins < 2:
        return np.zeros((2, 0))
    order = np.argsort(logits, kind="stable")
    logits, right = logits[order], right[order]
    bins = np.minimum((np.cumsum(right) - right) * n_bins // right.sum(), n_bins - 1).astype(int)
    size = np.bincount(bins, np.ones(len(bins)), n_bins)
    said = np.bincount(bins, sigmoid(logits), n_bins) / size
    found = (np.bincount(bins, right, n_bins) + PRIOR_PAIRS * said) / (size + PRIOR_PAIRS)
    found = _isotonic(np.asarray(found), np.asarray(size))
    keep = np.append(True, np.diff(said) > 1e-9)
    said, found = said[keep], found[keep]
    # A little slope keeps the order of tags that share a bin's level.
    to = np.log(found / (1.0 - found)) + 1e-4 * np.arange(len(found))
    return np.stack([np.log(said / (1.0 - said)), to])


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
