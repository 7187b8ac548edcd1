"""A comparison of methods as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.method_registry import all_methods
from clustertags.benchmark.results.benchmark_results import BenchmarkResults
from clustertags.benchmark.results.popularity_baseline import PUBLISHED_FIGURES, PopularityResult
from clustertags.benchmark.results.table import CLUSTERTAGS, MethodRow, Spread
from clustertags.benchmark.results.verdict import verdict
from clustertags.evaluation.metric_descriptions import format_value
from clustertags.evaluation.per_photo_metrics import MAIN_METRIC
from clustertags.support.printable import printable

_NAME_WIDTH = 28
_REASON_WIDTH = 90
_FIGURE_WIDTH = 13


def method_lines() -> str:
    """One method a line: its name, its family and what it needs."""
    lines = [
        f"{printable(method.name, _NAME_WIDTH):{_NAME_WIDTH}s}  {method.family!s:32s}  "
        f"{', '.join(map(str, method.needs))}"
        for method in all_methods().values()
    ]
    return "\n".join(lines) or "no method is registered"


def comparison_table(results: BenchmarkResults, width: int) -> str:
    """The verdict, then a table a budget; as many figures as `width`, in characters, has room for."""
    return "\n".join(line.rstrip() for line in _lines(results, width))


def popularity_lines(found: PopularityResult) -> str:
    """Popularity on lists of tags alone, next to the published figures."""
    lines = [
        f"the five most frequent tags ({', '.join(printable(tag, 30) for tag in found.first_tags)})",
        f"{found.n_training:,} lists to count, {found.n_test:,} to test, {len(found.splits)} random splits",
        f"{'':12s}  mean ± deviation  first split  published, one random split",
    ]
    for name, spread in found.figures.items():
        first = format_value(found.splits[0][name])
        lines.append(f"{name:12s}  {_with_spread(spread):16s}  {first:11s}  {format_value(PUBLISHED_FIGURES[name])}")
    return "\n".join(lines)


def _lines(results: BenchmarkResults, width: int) -> Iterator[str]:
    labelled, split, comparison = results.labelled, results.split, results.comparison
    yield (
        f"{len(labelled):,} photos, {len(labelled.names):,} tags: {len(split.training):,} for training, "
        f"{len(split.test):,} for the test"
    )
    yield from (printable(sentence, 1000) for sentence in verdict(comparison, split))
    room = max(1, (width - _NAME_WIDTH - 22) // (_FIGURE_WIDTH + 2))
    figures = comparison.figures[:room]
    for budget in split.budgets:
        yield ""
        heading = "  ".join(f"{name[:_FIGURE_WIDTH]:{_FIGURE_WIDTH}s}" for name in figures)
        yield f"{split.budget_name(budget):{_NAME_WIDTH}s}  {heading}   fit s  predict s"
        rows = sorted(comparison.rows, key=lambda row: -_main(row, budget))
        yield from (_line(row, budget, figures) for row in rows)
    for section in results.sections:
        yield from _section_lines(section, width)


def _section_lines(section: Section, width: int) -> Iterator[str]:
    """The table of another protocol; as many columns as `width`, in characters, has room for."""
    widths = [
        max(len(name), min(_FIGURE_WIDTH, max((len(row[at]) for row in section.rows), default=0)))
        for at, name in enumerate(section.columns[1:], start=1)
    ]
    shown = 1 + max(1, sum(end <= width - _NAME_WIDTH for end in accumulate(2 + item for item in widths)))
    yield ""
    yield printable(section.title, _REASON_WIDTH)
    for row in (section.columns, *section.rows):
        cells = "  ".join(
            f"{printable(cell, _REASON_WIDTH):{size}s}" for cell, size in zip(row[1:shown], widths, strict=False)
        )
        yield f"{printable(row[0], _NAME_WIDTH):{_NAME_WIDTH}s}  {cells}"


def _main(row: MethodRow, budget: int) -> float:
    found = row.at(budget)
    return found.figures[MAIN_METRIC].mean if found else -1.0


def _line(row: MethodRow, budget: int, figures: tuple[str, ...]) -> str:
    found = row.at(budget)
    mark = "*" if row.name == CLUSTERTAGS else " "
    name = f"{mark}{printable(row.name, _NAME_WIDTH - 1):{_NAME_WIDTH - 1}s}"
    if found is None:
        return f"{name}  {printable('; '.join(row.reasons) or 'not computed', _REASON_WIDTH)}"
    cells = "  ".join(f"{_with_spread(found.figures.get(figure)):{_FIGURE_WIDTH}s}" for figure in figures)
    return f"{name}  {cells}  {found.fit_seconds:6.2f}  {found.predict_seconds:9.2f}"


def _with_spread(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    return format_value(spread.mean) + ("" if spread.deviation is None else f" ± {spread.deviation:.3f}")
