"""The evaluation as one HTML file: inlined style, plots as SVG, no script."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clustertags.evaluation import plots
from clustertags.evaluation.html_pages import render_page, write_page
from clustertags.evaluation.metric_descriptions import (
    AUROC,
    ECE_OF_BOTH,
    describe_metric,
    format_interval,
    format_value,
)
from clustertags.evaluation.results import Estimate, Evaluation, UnknownKinds
from clustertags.support.printable import printable

_HEADLINES = ("P@1", "MiAP", "ECE of the best tag", "true tags found")
_TAG_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric as text: `value` may be a dash and `interval` empty."""

    name: str
    value: str
    interval: str
    description: str


@dataclass(frozen=True, slots=True)
class RateBar:
    """A rate as text, and as a bar of 100 units with its interval."""

    value: str
    interval: str
    width: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TagRow:
    tag: str
    n_photos: int
    tp: int
    fp: int
    fn: int
    tn: int
    precision: RateBar
    recall: RateBar
    average_precision: str


@dataclass(frozen=True, slots=True)
class LevelRow:
    """Shares at one score of the best tag, as text."""

    min_score: str
    unknown_tagged: MetricRow
    known_correct: MetricRow
    precision: MetricRow


@dataclass(frozen=True, slots=True)
class KindsSection:
    """Photos of known kinds next to those of unknown kinds."""

    overall: tuple[MetricRow, ...]
    levels: tuple[LevelRow, ...]
    histogram: plots.Histogram


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The context of the template, as text and numbers."""

    evaluation: Evaluation
    source: str
    headlines: tuple[MetricRow, ...]
    overall: tuple[MetricRow, ...]
    at_precision: tuple[tuple[MetricRow, ...], ...]
    tags: tuple[TagRow, ...]
    confused: tuple[tuple[str, str, int], ...]
    all_pairs: plots.Plot
    best_tag: plots.Plot
    coverage: plots.Plot
    confusion: plots.Grid | None
    kinds: KindsSection | None


def report_page(evaluation: Evaluation, source: str) -> ReportPage:
    """The page's context; `source` names what was evaluated."""
    overall = tuple(_row(name, estimate) for name, estimate in evaluation.overall.items())
    return ReportPage(
        evaluation=evaluation,
        source=printable(source),
        headlines=tuple(row for row in overall if row.name in _HEADLINES),
        overall=overall,
        at_precision=tuple(
            tuple(
                _row(f"{item.target:g}", estimate)
                for estimate in (item.precision, item.photos_covered, item.tags_found)
            )
            for item in evaluation.at_precision
        ),
        tags=tag_rows(evaluation),
        confused=tuple(
            (printable(true, _TAG_CHARACTERS), printable(predicted, _TAG_CHARACTERS), n)
            for true, predicted, n in evaluation.confused()
        ),
        all_pairs=plots.calibration_plot(evaluation.all_pairs),
        best_tag=plots.calibration_plot(evaluation.best_tag),
        coverage=plots.coverage_plot(evaluation),
        confusion=plots.confusion_grid(evaluation),
        kinds=kinds_section(evaluation.unknown_kinds) if evaluation.unknown_kinds else None,
    )


def kinds_section(item: UnknownKinds) -> KindsSection:
    """The section's context."""
    return KindsSection(
        (_row(AUROC, item.auroc), _row(ECE_OF_BOTH, item.calibration.error)),
        tuple(
            LevelRow(
                f"{level.min_score:g}",
                *(_row("", estimate) for estimate in (level.unknown_tagged, level.known_correct, level.precision)),
            )
            for level in item.at_score
        ),
        plots.kinds_histogram(item),
    )


def render_report(evaluation: Evaluation, source: str) -> str:
    """The whole page as HTML."""
    return render_page("report.html", report_page(evaluation, source))


def write_report(evaluation: Evaluation, source: str, path: Path) -> None:
    """Write the page atomically. Raises `StorageError`."""
    write_page(render_report(evaluation, source), path)


def _row(name: str, estimate: Estimate) -> MetricRow:
    return MetricRow(
        name, format_value(estimate.value), format_interval(estimate.low, estimate.high), describe_metric(name)
    )


def rate_bar(estimate: Estimate) -> RateBar:
    """The estimate as text and as a bar."""
    width, low, high = (round(100 * (value or 0), 2) for value in (estimate.value, estimate.low, estimate.high))
    return RateBar(format_value(estimate.value), format_interval(estimate.low, estimate.high), width, low, high)


def tag_rows(evaluation: Evaluation) -> tuple[TagRow, ...]:
    """Tags of photos, best first, then those that no photo has."""
    present = evaluation.ranked_tags()
    absent = [item for item in evaluation.tags if item.average_precision is None]
    return tuple(
        TagRow(
            printable(item.tag, _TAG_CHARACTERS),
            item.n_photos,
            item.tp,
            item.fp,
            item.fn,
            item.tn,
            rate_bar(item.precision),
            rate_bar(item.recall),
            format_value(item.average_precision),
        )
        for item in (*present, *absent)
    )
