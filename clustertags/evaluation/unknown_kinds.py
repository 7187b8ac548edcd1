"""How well scores tell photos of known kinds, which show a tag of the model, from photos of kinds that no tag names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.evaluation.calibration import reliability
from clustertags.evaluation.intervals import N_DRAWS, Bootstrap, wilson
from clustertags.evaluation.predictions import BestTags
from clustertags.evaluation.results import Estimate, KindCounts, ScoreLevel, UnknownKinds
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.types import Bool, Float32, Float64, Int32

LEVELS = (MIN_SCORE, 0.8)
"""The scores of the best tag at which shares are given."""
N_BARS = 10


def unknown_kind_metrics(best: BestTags, *, random_state: int = 0, n_draws: int = N_DRAWS) -> UnknownKinds | None:
    """The metrics of photos' best tags; None without photos. Intervals are of a bootstrap over `best.units`."""
    if best.missing:
        return None
    bootstrap = Bootstrap.over_units(best.units, random_state=random_state, n_draws=n_draws)
    weights = best.weights()
    return UnknownKinds(
        best.how,
        int(best.is_known.sum()),
        int((~best.is_known).sum()),
        float(np.average(best.is_known, weights=weights)),
        area_under_curve(best.scores, best.is_known, best.models, bootstrap),
        tuple(_at_score(best, level, weights, bootstrap) for level in LEVELS),
        reliability(best.correct[:, None], best.scores[:, None], bootstrap, weights),
        count_scores(best.scores, best.is_known),
    )


def _at_score(best: BestTags, level: float, weights: Float64, bootstrap: Bootstrap) -> ScoreLevel:
    tagged = best.scores >= np.float32(level)

    def rate(hits: Bool, among: Bool) -> Estimate:
        """Where all or none are hits, as in every draw, the Wilson interval of as many units."""
        found = bootstrap.ratio(weights * (hits & among), weights * among)
        if not among.any() or found.value not in {0.0, 1.0}:
            return found
        n_units = len(np.unique(best.units[among]))
        return wilson(n_units if found.value else 0, n_units)

    return ScoreLevel(
        level,
        rate(tagged, ~best.is_known),
        rate(tagged & best.correct, best.is_known),
        rate(best.correct, tagged),
    )


def area_under_curve(scores: Float32, positive: Bool, models: Int32, bootstrap: Bootstrap) -> Estimate:
    """AUROC: the chance that a positive example scores higher than another, ties counted half (Hanley, McNeil 1982).

    Only examples that the same model scored are compared: two models may estimate different shares of known photos,
    which raises or lowers all of their scores. `scores`, `positive` and `models`: (n,). None where no two can be.
    """
    pairs = [_PairCounter.of(np.flatnonzero(models == model), scores, positive) for model in np.unique(models)]

    def area(counts: Float64) -> float:
        won, total = np.sum([counter.count(counts) for counter in pairs], axis=0)
        return float(won / total) if total else np.nan

    value = area(np.ones(len(scores)))
    if np.isnan(value):
        return Estimate(None)
    drawn = np.array([area(counts.astype(np.float64)) for counts in bootstrap.counts])
    return bootstrap.estimate(value, drawn[~np.isnan(drawn)])


@dataclass(frozen=True, slots=True)
class _PairCounter:
    """`rows`: examples by rising score; `starts`: where a higher score begins; `positive`: of these rows."""

    rows: NDArray[np.intp]
    starts: NDArray[np.intp]
    positive: Float64

    @classmethod
    def of(cls, rows: NDArray[np.intp], scores: Float32, positive: Bool) -> _PairCounter:
        rows = rows[np.argsort(scores[rows], kind="stable")]
        starts = np.flatnonzero(np.append(True, np.diff(scores[rows]) > 0))
        return cls(rows, starts, positive[rows].astype(np.float64))

    def count(self, counts: Float64) -> Float64:
        """(2,) pairs of a positive example with another that it outscores, ties half; and all such pairs. `counts`:
        (n,), how often each example is there.
        """
        own = counts[self.rows]
        n_positive = np.add.reduceat(own * self.positive, self.starts)
        n_other = np.add.reduceat(own * (1 - self.positive), self.starts)
        return np.array([n_positive @ (np.cumsum(n_other) - n_other / 2), n_positive.sum() * n_other.sum()])


def count_scores(scores: Float32, is_known: Bool) -> tuple[KindCounts, ...]:
    """The photos of each kind in `N_BARS` ranges of equal width, from `low` to below `high`; 1 is in the last."""
    places = np.minimum(np.round(scores.astype(np.float64) * N_BARS, 5).astype(np.intp), N_BARS - 1)
    known, unknown = (np.bincount(places[kind], minlength=N_BARS).tolist() for kind in (is_known, ~is_known))
    return tuple(KindCounts(at / N_BARS, (at + 1) / N_BARS, known[at], unknown[at]) for at in range(N_BARS))
