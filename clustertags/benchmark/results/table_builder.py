"""Build the table from cells: complete budgets only, with paired differences to the best baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.execution.cells import Cell
from clustertags.benchmark.method_interface import Family, Method
from clustertags.benchmark.results.paired_bootstrap import PairedDifference
from clustertags.benchmark.results.table import (
    BEHIND,
    CLUSTERTAGS,
    FIRST,
    STANDING_METRICS,
    WITHIN,
    BudgetMetrics,
    Comparison,
    MethodRow,
    Spread,
    Standing,
)
from clustertags.evaluation.per_photo_metrics import MAIN_METRIC, ONE_TAG_METRICS, PHOTO_METRICS, TAG_METRIC
from clustertags.types import Float64


def compare(
    methods: Sequence[type[Method]],
    cells: Mapping[str, Sequence[Cell]],
    split: Split,
    reasons: Mapping[str, tuple[str, ...]],
) -> Comparison:
    """Build the table. A row has no metrics at a budget with a missing draw."""
    complete = {name: _complete_budgets(found, split) for name, found in cells.items()}
    paired = PairedDifference(len(split.test), split.random_state)
    rivals = {budget: _best(methods, complete, budget, include_own=False) for budget in split.budgets}
    rows = tuple(
        MethodRow(
            method.name,
            method.title,
            method.family,
            tuple(str(need) for need in method.needs),
            method.paper,
            tuple(
                _budget_figures(complete, method.name, budget, rivals[budget], paired)
                for budget in split.budgets
                if complete.get(method.name, {}).get(budget)
            ),
            reasons.get(method.name, ()),
        )
        for method in methods
    )
    names = [name for name in (*PHOTO_METRICS, *ONE_TAG_METRICS) if any(_has(row, name) for row in rows)]
    return Comparison(
        (*names[: len(PHOTO_METRICS)], TAG_METRIC, *names[len(PHOTO_METRICS) :]),
        rows,
        tuple(_standings(methods, complete, split, paired)),
        {budget: rival for budget, rival in rivals.items() if rival},
    )


def _complete_budgets(found: Sequence[Cell], split: Split) -> dict[int, list[Cell]]:
    by_budget: dict[int, list[Cell]] = {}
    for cell in sorted(found, key=lambda cell: cell.number):
        by_budget.setdefault(cell.budget, []).append(cell)
    n_expected = {budget: sum(draw.budget == budget for draw in split.draws) for budget in split.budgets}
    return {budget: items for budget, items in by_budget.items() if len(items) == n_expected.get(budget)}


def _mean(cells: Sequence[Cell], figure: str) -> float:
    return float(np.mean(_values(cells, figure)))


def _values(cells: Sequence[Cell], figure: str) -> list[float]:
    if figure == TAG_METRIC:
        return [float(np.nanmean(cell.tags)) for cell in cells]
    return [float(cell.photos[figure].mean()) for cell in cells]


def _best(
    methods: Sequence[type[Method]],
    complete: Mapping[str, Mapping[int, Sequence[Cell]]],
    budget: int,
    *,
    include_own: bool,
    figure: str = MAIN_METRIC,
) -> str:
    """The method with the highest mean other than `CLUSTERTAGS`, its components only if `include_own`; "" for none."""
    names = [
        method.name
        for method in methods
        if method.name != CLUSTERTAGS and (include_own or method.family is not Family.CLUSTERTAGS)
    ]
    available = [name for name in names if complete.get(name, {}).get(budget)]
    return max(available, key=lambda name: _mean(complete[name][budget], figure), default="")


def _stacked(cells: Sequence[Cell], figure: str) -> Float64:
    return np.stack([cell.photos[figure] for cell in cells])


def _budget_figures(
    complete: Mapping[str, Mapping[int, Sequence[Cell]]], name: str, budget: int, rival: str, paired: PairedDifference
) -> BudgetMetrics:
    cells = complete[name][budget]
    figures = {}
    for figure in (*cells[0].photos, TAG_METRIC):
        figures[figure] = Spread.of(_values(cells, figure))
    difference = {
        figure: paired.between(_stacked(cells, figure), _stacked(complete[rival][budget], figure))
        if rival and rival != name
        else None
        for figure in STANDING_METRICS
    }
    peaks = [cell.peak_bytes for cell in cells if cell.peak_bytes is not None]
    before = [cell.before_bytes for cell in cells if cell.before_bytes is not None]
    return BudgetMetrics(
        budget,
        len(cells),
        float(np.mean([cell.n_labelled for cell in cells])),
        figures,
        difference,
        float(np.mean([cell.fit_seconds for cell in cells])),
        float(np.mean([cell.predict_seconds for cell in cells])),
        max(peaks, default=None),
        min(before, default=None),
    )


def _standings(
    methods: Sequence[type[Method]],
    complete: Mapping[str, Mapping[int, Sequence[Cell]]],
    split: Split,
    paired: PairedDifference,
) -> list[Standing]:
    found = []
    for figure in STANDING_METRICS:
        for budget in split.budgets:
            rival = _best(methods, complete, budget, include_own=True, figure=figure)
            cells = complete.get(CLUSTERTAGS, {}).get(budget)
            if not rival or not cells:
                continue
            others = complete[rival][budget]
            gap = paired.between(_stacked(cells, figure), _stacked(others, figure))
            ours, theirs = _mean(cells, figure), _mean(others, figure)
            close = gap.high is not None and gap.high >= 0
            verdict = FIRST if ours >= theirs else WITHIN if close else BEHIND
            is_part = any(method.name == rival and method.family is Family.CLUSTERTAGS for method in methods)
            found.append(Standing(budget, figure, verdict, ours, rival, theirs, gap, is_part))
    return found


def _has(row: MethodRow, figure: str) -> bool:
    return any(figure in item.figures for item in row.budgets)
