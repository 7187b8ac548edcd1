"""Where the marks of each plot stand, in the units of its SVG: pure numbers, drawn by the templates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from clustertags.evaluation.results import Evaluation, Reliability
from clustertags.support.printable import printable

WIDTH = 360
HEIGHT = 320
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 12, 44
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

MOST_NAMED = 48
_CELL = 16
_LARGE_CELL = 26
_FEW_TAGS = 20
_LABEL_CHARACTERS = 18
_CHARACTER_PIXELS = 6.6


def across(share: float) -> float:
    """A share in 0..1 on the horizontal axis."""
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 2)


def up(share: float) -> float:
    """A share in 0..1 on the vertical axis."""
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 2)


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark at (x, y) with its radius and what it says when pointed at."""

    x: float
    y: float
    radius: float
    title: str


@dataclass(frozen=True, slots=True)
class Path:
    """`points` as the attribute of a polyline has them; `kind` names its style."""

    points: str
    kind: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A square plot of two shares: paths below, dots above."""

    paths: tuple[Path, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Photos of a true tag that got another, or the same; `strength` in 0..1 is their share of the true tag's."""

    x: int
    y: int
    strength: float
    right: bool
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The confusion matrix: `side` is that of the square of cells, which starts at (`start`, `start`)."""

    start: int
    side: int
    cell: int
    cells: tuple[Cell, ...]
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]


def calibration_plot(item: Reliability) -> Plot:
    """Share right against mean score, bin by bin; the more predictions in a bin, the larger its dot."""
    most = max((entry.n for entry in item.bins), default=1)
    dots = tuple(
        Dot(
            across(entry.said),
            up(entry.found),
            round(2.5 + 4.5 * math.log1p(entry.n) / math.log1p(most), 2),
            f"score {entry.said:.2f}: {entry.found:.2f} right of {entry.n:,}",
        )
        for entry in item.bins
    )
    return Plot((_path([(0, 0), (1, 1)], "ideal"), _path([(b.said, b.found) for b in item.bins], "line")), dots)


def coverage_plot(evaluation: Evaluation) -> Plot:
    """Precision against the share of photos that get a tag, and of true tags found; dots where a precision is asked."""
    curve = evaluation.curve
    dots = tuple(
        Dot(
            across(item.photos_covered.value or 0),
            up(item.precision.value),
            4.5,
            f"asked {item.asked:.2f}: precision {item.precision.value:.2f}",
        )
        for item in evaluation.at_precision
        if item.precision.value is not None
    )
    photos = _path([(point.photos_covered, point.precision) for point in curve], "line")
    return Plot((_path([(point.tags_found, point.precision) for point in curve], "second"), photos), dots)


def confusion_grid(evaluation: Evaluation) -> Grid | None:
    """The matrix as cells, empty ones left out; tags are named at its sides where there is room for their names."""
    if evaluation.confusion is None:
        return None
    names = [printable(tag, _LABEL_CHARACTERS) for tag in evaluation.vocabulary]
    counts = evaluation.confusion
    totals = counts.sum(axis=1)
    named = len(names) <= MOST_NAMED
    small = _CELL if named else max(3, _CELL * MOST_NAMED // len(names))
    cell = _LARGE_CELL if len(names) <= _FEW_TAGS else small
    start = 12 + round(_CHARACTER_PIXELS * max(map(len, names))) if named else 4
    cells = tuple(
        Cell(
            start + cell * said,
            start + cell * true,
            round(float(counts[true, said] / totals[true]), 3),
            true == said,
            f"{names[true]}: {counts[true, said]:,} of {totals[true]:,} got {names[said]}",
        )
        for true, said in zip(*(axis.tolist() for axis in counts.nonzero()), strict=True)
    )
    middles = [start + cell * at + cell // 2 for at in range(len(names))] if named else []
    rows = tuple(Label(start - 6, middle, name) for middle, name in zip(middles, names, strict=False))
    columns = tuple(Label(middle, start - 6, name) for middle, name in zip(middles, names, strict=False))
    return Grid(start, cell * len(names), cell, cells, rows, columns)


def _path(points: list[tuple[float, float]], kind: str) -> Path:
    return Path(" ".join(f"{across(x)},{up(y)}" for x, y in points), kind)
