"""The evaluation as one HTML file that needs nothing else: its style inside, its plots as SVG, no script."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from clustertags.benchmark import plots
from clustertags.benchmark.figures import Evaluation, Figure
from clustertags.benchmark.meanings import meaning, shown, shown_interval
from clustertags.errors import StorageError
from clustertags.library.storage import write_atomically
from clustertags.printable import printable

_HEADLINES = ("P@1", "MiAP", "ECE of the best tag", "true tags found")
_TAG_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure as text: `value` and `interval` may be empty or a dash."""

    name: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True, slots=True)
class RateBar:
    """A rate as text and as a bar of 100 units with its interval."""

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
class ReportPage:
    """All that the template shows, as text and numbers; made without reading or writing anything."""

    evaluation: Evaluation
    source: str
    headlines: tuple[FigureRow, ...]
    overall: tuple[FigureRow, ...]
    asked: tuple[tuple[FigureRow, ...], ...]
    tags: tuple[TagRow, ...]
    confused: tuple[tuple[str, str, int], ...]
    all_pairs: plots.Plot
    best_tag: plots.Plot
    coverage: plots.Plot
    confusion: plots.Grid | None


def report_page(evaluation: Evaluation, source: str) -> ReportPage:
    """The page's content; `source` names what was evaluated."""
    overall = tuple(_row(name, figure) for name, figure in evaluation.overall.items())
    return ReportPage(
        evaluation=evaluation,
        source=printable(source),
        headlines=tuple(row for row in overall if row.name in _HEADLINES),
        overall=overall,
        asked=tuple(
            tuple(_row(f"{item.asked:g}", figure) for figure in (item.precision, item.photos_covered, item.tags_found))
            for item in evaluation.at_precision
        ),
        tags=_tag_rows(evaluation),
        confused=tuple(
            (printable(true, _TAG_CHARACTERS), printable(said, _TAG_CHARACTERS), n)
            for true, said, n in evaluation.confused()
        ),
        all_pairs=plots.calibration_plot(evaluation.all_pairs),
        best_tag=plots.calibration_plot(evaluation.best_tag),
        coverage=plots.coverage_plot(evaluation),
        confusion=plots.confusion_grid(evaluation),
    )


def render_report(evaluation: Evaluation, source: str) -> str:
    """The whole page as HTML."""
    style = (files("clustertags.benchmark") / "static" / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = report_page(evaluation, source)
    template = _environment().get_template("report.html")
    # The style is this package's own file; everything else on the page is escaped.
    return template.render(page=page, plots=plots, style=Markup(style), style_hash=digest)  # noqa: S704


def write_report(evaluation: Evaluation, source: str, path: Path) -> None:
    """Write the page; what was there before stays whole until it is done. Raises `StorageError`."""
    page = render_report(evaluation, source).encode("utf-8", errors="replace")
    try:
        write_atomically(path, page)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"cannot write {printable(path)}: {reason}; make room or name another file") from error


@cache
def _environment() -> Environment:
    """Every template escapes, an unknown name is an error."""
    return Environment(
        loader=PackageLoader("clustertags.benchmark"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _row(name: str, figure: Figure) -> FigureRow:
    return FigureRow(name, shown(figure.value), shown_interval(figure.low, figure.high), meaning(name))


def _bar(figure: Figure) -> RateBar:
    width, low, high = (round(100 * (value or 0), 2) for value in (figure.value, figure.low, figure.high))
    return RateBar(shown(figure.value), shown_interval(figure.low, figure.high), width, low, high)


def _tag_rows(evaluation: Evaluation) -> tuple[TagRow, ...]:
    """Tags that photos carry, best first, then those that none carries."""
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
            _bar(item.precision),
            _bar(item.recall),
            shown(item.average_precision),
        )
        for item in (*present, *absent)
    )
