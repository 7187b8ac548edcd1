"""The table made of cells: whole budgets alone, rivals found, each difference taken in pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.execution.cells import Cell
from clustertags.benchmark.method_interface import Family, Method
from clustertags.benchmark.results.paired_bootstrap import PairedDifference
from clustertags.benchmark.results.table import (
    BEHIND,
    FIRST,
    OURS,
    STANDING_FIGURES,
    WITHIN,
    BudgetFigures,
    Comparison,
    MethodRow,
    Spread,
    Standing,
)
from clustertags.evaluation.per_photo_metrics import MAIN_FIGURE, ONE_TAG_FIGURES, PHOTO_FIGURES, TAG_FIGURE
from clustertags.types import Float64


def compare(
    methods: Sequence[type[Method]],
    cells: Mapping[str, Sequence[Cell]],
    split: Split,
    reasons: Mapping[str, tuple[str, ...]],
) -> Comparison:
    """Make the table of the cells that there are. A budget at which a draw is missing is left out of a row."""
    whole = {name: _whole_budgets(found, split) for name, found in cells.items()}
    paired = PairedDifference(len(split.test), split.seed)
    rivals = {budget: _best(methods, whole, budget, ours=False) for budget in split.budgets}
    rows = tuple(
        MethodRow(
            method.name,
            method.title,
            method.family,
            tuple(str(need) for need in method.needs),
            method.paper,
            tuple(
                _budget_figures(whole, method.name, budget, rivals[budget], paired)
                for budget in split.budgets
                if whole.get(method.name, {}).get(budget)
            ),
            reasons.get(method.name, ()),
        )
        for method in methods
    )
    names = [name for name in (*PHOTO_FIGURES, *ONE_TAG_FIGURES) if any(_has(row, name) for row in rows)]
    return Comparison(
        (*names[: len(PHOTO_FIGURES)], TAG_FIGURE, *names[len(PHOTO_FIGURES) :]),
        rows,
        tuple(_standings(methods, whole, split, paired)),
        {budget: rival for budget, rival in rivals.items() if rival},
    )


def _whole_budgets(found: Sequence[Cell], split: Split) -> dict[int, list[Cell]]:
    by_budget: dict[int, list[Cell]] = {}
    for cell in sorted(found, key=lambda cell: cell.number):
        by_budget.setdefault(cell.budget, []).append(cell)
    wanted = {budget: sum(draw.budget == budget for draw in split.draws) for budget in split.budgets}
    return {budget: items for budget, items in by_budget.items() if len(items) == wanted.get(budget)}


def _mean(cells: Sequence[Cell], figure: str) -> float:
    return float(np.mean(_values(cells, figure)))


def _values(cells: Sequence[Cell], figure: str) -> list[float]:
    if figure == TAG_FIGURE:
        return [float(np.nanmean(cell.tags)) for cell in cells]
    return [float(cell.photos[figure].mean()) for cell in cells]


def _best(
    methods: Sequence[type[Method]],
    whole: Mapping[str, Mapping[int, Sequence[Cell]]],
    budget: int,
    *,
    ours: bool,
    figure: str = MAIN_FIGURE,
) -> str:
    """The method with the highest mean other than `OURS`, without the parts of ours unless `ours`; "" for none."""
    names = [method.name for method in methods if method.name != OURS and (ours or method.family is not Family.OURS)]
    there = [name for name in names if whole.get(name, {}).get(budget)]
    return max(there, key=lambda name: _mean(whole[name][budget], figure), default="")


def _stacked(cells: Sequence[Cell], figure: str) -> Float64:
    return np.stack([cell.photos[figure] for cell in cells])


def _budget_figures(
    whole: Mapping[str, Mapping[int, Sequence[Cell]]], name: str, budget: int, rival: str, paired: PairedDifference
) -> BudgetFigures:
    cells = whole[name][budget]
    figures = {}
    for figure in (*cells[0].photos, TAG_FIGURE):
        figures[figure] = Spread.of(_values(cells, figure))
    difference = {
        figure: paired.between(_stacked(cells, figure), _stacked(whole[rival][budget], figure))
        if rival and rival != name
        else None
        for figure in STANDING_FIGURES
    }
    peaks = [cell.peak_bytes for cell in cells if cell.peak_bytes is not None]
    before = [cell.before_bytes for cell in cells if cell.before_bytes is not None]
    return BudgetFigures(
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
    whole: Mapping[str, Mapping[int, Sequence[Cell]]],
    split: Split,
    paired: PairedDifference,
) -> list[Standing]:
    found = []
    for figure in STANDING_FIGURES:
        for budget in split.budgets:
            rival = _best(methods, whole, budget, ours=True, figure=figure)
            cells = whole.get(OURS, {}).get(budget)
            if not rival or not cells:
                continue
            others = whole[rival][budget]
            gap = paired.between(_stacked(cells, figure), _stacked(others, figure))
            ours, theirs = _mean(cells, figure), _mean(others, figure)
            close = gap.high is not None and gap.high >= 0
            verdict = FIRST if ours >= theirs else WITHIN if close else BEHIND
            is_part = any(method.name == rival and method.family is Family.OURS for method in methods)
            found.append(Standing(budget, figure, verdict, ours, rival, theirs, gap, is_part))
    return found


def _has(row: MethodRow, figure: str) -> bool:
    return any(figure in item.figures for item in row.budgets)
