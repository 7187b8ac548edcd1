"""The context of the report's template, as text and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.report.budget_tables import BudgetTable, budget_table
from clustertags.benchmark.report.charts import Curve, TopBars, learning_curve, top_bars
from clustertags.benchmark.report.text_tables import (
    TEXT_CHARACTERS,
    TextTable,
    calibration_table,
    cluster_table,
    popularity_tables,
    published_table,
    section_table,
)
from clustertags.benchmark.results.benchmark_results import BenchmarkResults
from clustertags.benchmark.results.calibrated_evaluation import MethodEvaluation
from clustertags.benchmark.results.table import CLUSTERTAGS
from clustertags.benchmark.results.verdict import is_first_or_within, verdict
from clustertags.evaluation import plots
from clustertags.evaluation.per_photo_metrics import MAIN_METRIC
from clustertags.evaluation.report import TagRow, tag_rows
from clustertags.support.counts import plural
from clustertags.support.printable import printable

_CURVES = (MAIN_METRIC, "P@1")


@dataclass(frozen=True, slots=True)
class MethodDetail:
    """One method at the largest budget: its curves, confusion matrix and tags."""

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
class ExampleRow:
    """An example: `picture` is a data URI."""

    picture: str
    true: str
    predicted: str
    correct: bool


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    title: str
    summary: str
    verdict: tuple[str, ...]
    first_or_within: bool
    notes: tuple[str, ...]
    tables: tuple[BudgetTable, ...]
    curves: tuple[Curve, ...]
    baseline: str
    top: tuple[TopBars, ...]
    calibration: TextTable
    details: tuple[MethodDetail, ...]
    clusters: TextTable | None
    examples: tuple[ExampleRow, ...]
    examples_of: str
    text_tables: tuple[TextTable, ...]
    published: TextTable


def comparison_page(results: BenchmarkResults) -> ComparisonPage:
    """The page's context; names given by users are escaped for display."""
    labelled, split = results.labelled, results.split
    baseline = next((name for name in results.detailed if name != CLUSTERTAGS), "")
    return ComparisonPage(
        title=printable(labelled.title),
        summary=(
            f"{len(labelled):,} photos, {len(labelled.names):,} tags, {labelled.tags.sum(axis=1).mean():.1f} a photo. "
            f"{len(split.test):,} photos are the test, {len(split.training):,} are for training; "
            f"{plural(split.n_draws, 'draw')} of labelled photos for each budget."
        ),
        verdict=verdict(results.comparison, split),
        first_or_within=is_first_or_within(results.comparison),
        notes=(*_protocol_notes(results), *(printable(note, TEXT_CHARACTERS) for note in labelled.notes)),
        tables=tuple(budget_table(results, budget) for budget in split.budgets),
        curves=tuple(learning_curve(results, figure, baseline) for figure in _CURVES),
        baseline=baseline,
        top=top_bars(results),
        calibration=calibration_table(results),
        details=tuple(
            _detail(results.evaluations[name], split) for name in results.detailed if name in results.evaluations
        ),
        clusters=cluster_table(results),
        examples=tuple(
            ExampleRow(item.data_uri(), _names(item.true), _names(item.predicted), item.correct)
            for item in results.examples
        ),
        examples_of=results.detailed[0] if results.detailed else "",
        text_tables=(*(section_table(item) for item in results.sections), *popularity_tables(results)),
        published=published_table(),
    )


def _protocol_notes(results: BenchmarkResults) -> tuple[str, ...]:
    labelled, split = results.labelled, results.split
    notes = [
        f"Network: {labelled.backbone}. Seed {split.random_state}; split {split.digest[:16]}, shared by all methods.",
        f"Near-duplicates are kept in one part: the photos form {split.n_groups:,} groups. No fit uses a test photo; "
        "all methods get the training photos without a label, without their tags.",
        "Values are means over draws, ± their standard deviation. Differences are to the best row that is not "
        f"{CLUSTERTAGS} or one of its components, with 95 % intervals from a paired bootstrap over photos and draws.",
        "In MiAP equal scores count at the last of their ranks.",
        "Fit and predict: seconds for each draw, with features computed before. Memory: peak resident memory of the "
        "method's own process, Python and libraries included, in MiB.",
    ]
    return tuple(notes)


def _detail(found: MethodEvaluation, split: Split) -> MethodDetail:
    evaluation = found.evaluation
    return MethodDetail(
        f"full-{found.name}",
        found.name,
        split.budget_name(found.budget),
        found.kind,
        plots.calibration_plot(evaluation.all_pairs),
        plots.coverage_plot(evaluation),
        plots.confusion_grid(evaluation),
        tuple((printable(true, 80), printable(predicted, 80), n) for true, predicted, n in evaluation.confused()[:40]),
        tag_rows(evaluation),
    )


def _names(tags: tuple[str, ...]) -> str:
    return ", ".join(printable(tag, 60) for tag in tags)
