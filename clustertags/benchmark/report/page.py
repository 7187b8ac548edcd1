"""The content of a comparison's page, as text and numbers; made without reading or writing anything."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.report.budget_tables import BudgetTable, budget_table
from clustertags.benchmark.report.charts import Curve, TopBars, learning_curve, top_bars
from clustertags.benchmark.report.text_tables import (
    TEXT_CHARACTERS,
    Plain,
    cluster_table,
    judged_table,
    quoted_table,
    section_table,
    tag_only_tables,
)
from clustertags.benchmark.results.benchmark_results import Results
from clustertags.benchmark.results.calibrated_evaluation import Judged
from clustertags.benchmark.results.table import OURS
from clustertags.benchmark.results.verdict import holds, verdict
from clustertags.evaluation import plots
from clustertags.evaluation.per_photo_metrics import MAIN_FIGURE
from clustertags.evaluation.report import TagRow, tag_rows
from clustertags.support.counts import plural
from clustertags.support.printable import printable

_CURVES = (MAIN_FIGURE, "P@1")


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
    return ComparisonPage(
        title=printable(labelled.title),
        summary=(
            f"{len(labelled):,} photos, {len(labelled.names):,} tags, {labelled.tags.sum(axis=1).mean():.1f} a photo. "
            f"{len(split.test):,} photos are the test, {len(split.training):,} are for training; "
            f"{plural(split.n_draws, 'draw')} of labelled photos a budget."
        ),
        verdict=verdict(results.comparison, split),
        holds=holds(results.comparison),
        notes=(*_protocol_notes(results), *(printable(note, TEXT_CHARACTERS) for note in labelled.notes)),
        tables=tuple(budget_table(results, budget) for budget in split.budgets),
        curves=tuple(learning_curve(results, figure, rival) for figure in _CURVES),
        rival=rival,
        top=top_bars(results),
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
