"""A table for each budget: the methods family by family, best first."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark.report.text_tables import (
    TEXT_CHARACTERS,
    Cell,
    difference_text,
    memory_text,
    spread_text,
)
from clustertags.benchmark.results.benchmark_results import BenchmarkResults
from clustertags.benchmark.results.table import CLUSTERTAGS, BudgetMetrics, MethodRow
from clustertags.evaluation.metric_descriptions import describe_metric
from clustertags.evaluation.per_photo_metrics import MAIN_METRIC
from clustertags.support.printable import printable


@dataclass(frozen=True, slots=True)
class Row:
    """A method's row; `reason` says why metrics are missing."""

    name: str
    title: str
    paper: str
    needs: str
    is_clustertags: bool
    cells: tuple[Cell, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one family."""

    family: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class BudgetTable:
    id: str
    name: str
    columns: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]


def budget_table(results: BenchmarkResults, budget: int) -> BudgetTable:
    """The rows of all methods at one budget."""
    comparison, split = results.comparison, results.split
    first, *others = ((name, describe_metric(name)) for name in comparison.figures)
    gap = (f"{first[0]} minus best baseline", "paired, with its 95 % interval")
    columns = [first, gap, *others, ("Fit, s", ""), ("Predict, s", ""), ("Memory, MiB", "")]
    parts = []
    for family in dict.fromkeys(row.family for row in comparison.rows):
        rows = [row for row in comparison.rows if row.family is family]
        rows.sort(key=lambda row: -_main(row.at(budget)))
        parts.append(Part(str(family), tuple(_row(row, budget, comparison.figures) for row in rows)))
    return BudgetTable(f"budget-{budget}", split.budget_name(budget), tuple(columns), tuple(parts))


def _main(found: BudgetMetrics | None) -> float:
    return found.figures[MAIN_METRIC].mean if found else -1.0


def _row(row: MethodRow, budget: int, figures: tuple[str, ...]) -> Row:
    found = row.at(budget)
    reason = "; ".join(row.reasons) or "not computed" if found is None else ""
    cells: tuple[Cell, ...] = ()
    if found is not None:
        cells = (
            spread_text(found.figures.get(figures[0])),
            difference_text(found.difference[MAIN_METRIC]),
            *(spread_text(found.figures.get(name)) for name in figures[1:]),
            Cell(f"{found.fit_seconds:.2f}"),
            Cell(f"{found.predict_seconds:.2f}"),
            Cell(memory_text(found.peak_bytes)),
        )
    return Row(
        printable(row.name),
        printable(row.title),
        printable(row.paper, TEXT_CHARACTERS),
        ", ".join(row.needs),
        row.name == CLUSTERTAGS,
        cells,
        printable(reason, TEXT_CHARACTERS),
    )
