"""The table: each method's metrics at each budget with their spread over draws, and which method is first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clustertags.benchmark.method_interface import Family
from clustertags.evaluation.per_photo_metrics import MAIN_METRIC
from clustertags.evaluation.results import Estimate

CLUSTERTAGS = "clustertags"
STANDING_METRICS = (MAIN_METRIC, "P@1")
FIRST, WITHIN, BEHIND = "first", "within the interval of the first", "behind"


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean over draws and their standard deviation, None for a single draw."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None)


@dataclass(frozen=True, slots=True)
class BudgetMetrics:
    """One method at one budget. `difference`: by metric, this minus the best baseline, with the paired interval; None
    for that baseline itself. Seconds are means over draws, bytes maxima.
    """

    budget: int
    n_draws: int
    n_labelled: float
    figures: Mapping[str, Spread]
    difference: Mapping[str, Estimate | None]
    fit_seconds: float
    predict_seconds: float
    peak_bytes: int | None
    before_bytes: int | None


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A row of the table; `reasons`: why metrics are missing."""

    name: str
    title: str
    family: Family
    needs: tuple[str, ...]
    paper: str
    budgets: tuple[BudgetMetrics, ...]
    reasons: tuple[str, ...]

    def at(self, budget: int) -> BudgetMetrics | None:
        return next((item for item in self.budgets if item.budget == budget), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """The rank of clustertags at a budget by a metric: `verdict` against `rival`, the best of all other rows.

    `difference`: clustertags minus the rival, with its paired 95 % interval; `is_part`: the rival is one of its own
    components.
    """

    budget: int
    figure: str
    verdict: str
    ours: float
    rival: str
    rival_value: float
    difference: Estimate
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`figures`: the names of all metrics, in display order."""

    figures: tuple[str, ...]
    rows: tuple[MethodRow, ...]
    standings: tuple[Standing, ...]
    best_baseline: Mapping[int, str]
