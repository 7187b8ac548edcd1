"""The table: each method's figures at each budget, how far they spread over draws, and who is first by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clustertags.benchmark.method_interface import Family
from clustertags.evaluation.per_photo_metrics import MAIN_FIGURE
from clustertags.evaluation.results import Figure

OURS = "clustertags"
STANDING_FIGURES = (MAIN_FIGURE, "P@1")
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
class BudgetFigures:
    """One method at one budget. `difference`: by figure, this less the best baseline, with the paired interval; None
    for that baseline itself. Seconds are means over draws, bytes the most of any.
    """

    budget: int
    n_draws: int
    n_labelled: float
    figures: Mapping[str, Spread]
    difference: Mapping[str, Figure | None]
    fit_seconds: float
    predict_seconds: float
    peak_bytes: int | None
    before_bytes: int | None


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A row of the table; `reasons` say why figures are missing, where any is."""

    name: str
    title: str
    family: Family
    needs: tuple[str, ...]
    paper: str
    budgets: tuple[BudgetFigures, ...]
    reasons: tuple[str, ...]

    def at(self, budget: int) -> BudgetFigures | None:
        return next((item for item in self.budgets if item.budget == budget), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where ours is at a budget by a figure: `verdict` against `rival`, the best of all other rows.

    `difference`: ours less the rival, with its paired 95 % interval; `is_part`: the rival is one of our own parts.
    """

    budget: int
    figure: str
    verdict: str
    ours: float
    rival: str
    rival_value: float
    difference: Figure
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`figures`: the names of all figures, in the order in which they are shown."""

    figures: tuple[str, ...]
    rows: tuple[MethodRow, ...]
    standings: tuple[Standing, ...]
    best_baseline: Mapping[int, str]
