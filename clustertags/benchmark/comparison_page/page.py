"""The content of a comparison's page, as text and numbers; made without reading or writing anything."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark import plots
from clustertags.benchmark.comparison.probable_scores import Judged
from clustertags.benchmark.comparison.results import Results
from clustertags.benchmark.comparison.table import OURS, BudgetFigures, MethodRow, Spread
from clustertags.benchmark.comparison.verdict import holds, verdict
from clustertags.benchmark.comparison_page.curve_plots import CurvePlot, Series, curve_plot
from clustertags.benchmark.comparison_page.plain_tables import (
    TEXT_CHARACTERS,
    Cell,
    Plain,
    cluster_table,
    difference_text,
    judged_table,
    memory_text,
    quoted_table,
    section_table,
    spread_text,
    tag_only_tables,
)
from clustertags.benchmark.report import RateBar, TagRow, rate_bar, tag_rows
from clustertags.benchmark.running.splits import Split
from clustertags.benchmark.scoring.figures import Figure
from clustertags.benchmark.scoring.meanings import meaning
from clustertags.benchmark.scoring.photo_scores import MAIN_FIGURE, ONE_TAG_FIGURES
from clustertags.printable import printable

_CURVES = (MAIN_FIGURE, "P@1")


@dataclass(frozen=True, slots=True)
class Row:
    """A method's row; `reason` stands for figures that are missing."""

    name: str
    title: str
    paper: str
    needs: str
    ours: bool
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


@dataclass(frozen=True, slots=True)
class Curve:
    id: str
    figure: str
    meaning: str
    plot: CurvePlot


@dataclass(frozen=True, slots=True)
class TopBars:
    title: str
    bars: tuple[RateBar, ...]


@dataclass(frozen=True, slots=True)
class InFull:
    """One method at the largest budget: its curves, confusion and tags."""

    id: str
    name: str
    budget: str
    kind: str
    calibration: plots.Plot
    coverage: plots.Plot
    confusion: plots.Grid | None
    confused: tuple[tuple[str, str, int], ...]
    tags: tuple[TagRow, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An example: `picture` is a data URI."""

    picture: str
    true: str
    answer: str
    right: bool


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    title: str
    summary: str
    verdict: tuple[str, ...]
    holds: bool
    notes: tuple[str, ...]
    tables: tuple[BudgetTable, ...]
    curves: tuple[Curve, ...]
    rival: str
    top: tuple[TopBars, ...]
    judged: Plain
    in_full: tuple[InFull, ...]
    clusters: Plain | None
    examples: tuple[Shown, ...]
    examples_of: str
    plain: tuple[Plain, ...]
    quoted: Plain


def comparison_page(results: Results) -> ComparisonPage:
    """The page's content; every name of a person is made safe to show."""
    labelled, split = results.labelled, results.split
    rival = next((name for name in results.shown if name != OURS), "")
    n_draws = max(draw.number for draw in split.draws) + 1
    return ComparisonPage(
        title=printable(labelled.title),
        summary=(
            f"{len(labelled):,} photos, {len(labelled.names):,} tags, {labelled.tags.sum(axis=1).mean():.1f} a photo. "
            f"{len(split.test):,} photos are the test, {len(split.training):,} are for training; "
            f"{n_draws} {'draw' if n_draws == 1 else 'draws'} of labelled photos a budget."
        ),
        verdict=verdict(results.comparison, split),
        holds=holds(results.comparison),
        notes=(*_protocol_notes(results), *(printable(note, TEXT_CHARACTERS) for note in labelled.notes)),
        tables=tuple(_budget_table(results, budget) for budget in split.budgets),
        curves=tuple(_curve(results, figure, rival) for figure in _CURVES),
        rival=rival,
        top=_top_bars(results),
        judged=judged_table(results),
        in_full=tuple(_in_full(results.judged[name], split) for name in results.shown if name in results.judged),
        clusters=cluster_table(results),
        examples=tuple(
            Shown(item.data_uri(), _names(item.true), _names(item.answer), item.right) for item in results.examples
        ),
        examples_of=results.shown[0] if results.shown else "",
        plain=(*(section_table(item) for item in results.sections), *tag_only_tables(results)),
        quoted=quoted_table(),
    )


def _protocol_notes(results: Results) -> tuple[str, ...]:
    labelled, split = results.labelled, results.split
    notes = [
        f"Network: {labelled.backbone}. Seed {split.seed}; split {split.digest[:16]}, the same for all methods.",
        f"Near-duplicates stay on one side: the photos are {split.n_groups:,} different ones. Nothing that is fitted "
        "sees a test photo; training photos without a label are given to all methods without their tags.",
        "Values are means over draws, ± their standard deviation. Differences are to the best row that is not of "
        f"{OURS}'s own, with 95 % intervals over photos and draws drawn anew in pairs.",
        "Equal scores count as the last of their places in MiAP.",
        "Fit and predict: seconds a draw, features there already. Memory: the most that is resident in the method's "
        "own process while it works, Python and libraries included, in MiB.",
    ]
    return tuple(notes)


def _budget_table(results: Results, budget: int) -> BudgetTable:
    comparison, split = results.comparison, results.split
    first, *others = ((name, meaning(name)) for name in comparison.figures)
    gap = (f"{first[0]} less best baseline", "paired, with its 95 % interval")
    columns = [first, gap, *others, ("Fit, s", ""), ("Predict, s", ""), ("Memory, MiB", "")]
    parts = []
    for family in dict.fromkeys(row.family for row in comparison.rows):
        rows = [row for row in comparison.rows if row.family is family]
        rows.sort(key=lambda row: -_main(row.at(budget)))
        parts.append(Part(str(family), tuple(_row(row, budget, comparison.figures) for row in rows)))
    return BudgetTable(f"budget-{budget}", split.budget_name(budget), tuple(columns), tuple(parts))


def _main(found: BudgetFigures | None) -> float:
    return found.figures[MAIN_FIGURE].mean if found else -1.0


def _row(row: MethodRow, budget: int, figures: tuple[str, ...]) -> Row:
    found = row.at(budget)
    reason = "; ".join(row.reasons) or "not computed" if found is None else ""
    cells: tuple[Cell, ...] = ()
    if found is not None:
        cells = (
            spread_text(found.figures.get(figures[0])),
            difference_text(found.difference[MAIN_FIGURE]),
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
        row.name == OURS,
        cells,
        printable(reason, TEXT_CHARACTERS),
    )


def _curve(results: Results, figure: str, rival: str) -> Curve:
    kinds = {OURS: "line", rival: "second"}
    series = []
    for row in results.comparison.rows:
        found = [row.at(budget) for budget in results.split.budgets]
        values = tuple(item.figures[figure].mean if item else None for item in found)
        if any(value is not None for value in values):
            series.append(Series(printable(row.title, 60), kinds.get(row.name, "other"), values))
    budgets = tuple("all" if budget == 0 else f"{budget:,}" for budget in results.split.budgets)
    return Curve(f"curve-{figure.replace('@', '')}", figure, meaning(figure), curve_plot(tuple(series), budgets))


def _top_bars(results: Results) -> tuple[TopBars, ...]:
    """Top-1, 5 and 10 at the largest budget, where photos have one tag."""
    if ONE_TAG_FIGURES[0] not in results.comparison.figures:
        return ()
    made = []
    for row in results.comparison.rows:
        found = row.at(results.split.budgets[-1])
        if found:
            spreads = [found.figures[name] for name in ONE_TAG_FIGURES]
            made.append((spreads[0].mean, TopBars(printable(row.title), tuple(map(_spread_bar, spreads)))))
    return tuple(bars for _, bars in sorted(made, key=lambda item: -item[0]))


def _spread_bar(spread: Spread) -> RateBar:
    wide = spread.deviation or 0.0
    bar = rate_bar(Figure(spread.mean, max(spread.mean - wide, 0), min(spread.mean + wide, 1)))
    return RateBar(bar.value, spread_text(spread).small, bar.width, bar.low, bar.high)


def _in_full(judged: Judged, split: Split) -> InFull:
    evaluation = judged.evaluation
    return InFull(
        f"full-{judged.name}",
        judged.name,
        split.budget_name(judged.budget),
        judged.kind,
        plots.calibration_plot(evaluation.all_pairs),
        plots.coverage_plot(evaluation),
        plots.confusion_grid(evaluation),
        tuple((printable(true, 80), printable(said, 80), n) for true, said, n in evaluation.confused()[:40]),
        tag_rows(evaluation),
    )


def _names(tags: tuple[str, ...]) -> str:
    return ", ".join(printable(tag, 60) for tag in tags)
