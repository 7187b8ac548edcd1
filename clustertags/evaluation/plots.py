"""Coordinates of the marks of each plot, in the units of its SVG; the templates draw them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from clustertags.evaluation.results import Evaluation, Reliability, UnknownKinds
from clustertags.support.printable import printable

WIDTH = 360
HEIGHT = 320
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 12, 44
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

MAX_LABELLED = 48
_CELL = 16
_LARGE_CELL = 26
_FEW_TAGS = 20
_LABEL_CHARACTERS = 18
_CHARACTER_PIXELS = 6.6
_BAR_GAP = 1.0


def across(share: float) -> float:
    """A share in 0..1 on the horizontal axis."""
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 2)


def up(share: float) -> float:
    """A share in 0..1 on the vertical axis."""
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 2)


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark at (x, y) with its radius and tooltip."""

    x: float
    y: float
    radius: float
    title: str


@dataclass(frozen=True, slots=True)
class Path:
    """`points`: the attribute of a polyline; `kind`: its CSS class."""

    points: str
    kind: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A square plot of two shares: paths, then dots above them."""

    paths: tuple[Path, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with its upper left corner at (x, y); `kind`: its CSS class."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars of two kinds next to each other, in the order of a score on the horizontal axis."""

    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Photos of a true tag with a given top tag; `strength` in 0..1 is their share of the true tag's photos."""

    x: int
    y: int
    strength: float
    correct: bool
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The confusion matrix: a square of cells with its corner at (`start`, `start`) and this `side`."""

    start: int
    side: int
    cell: int
    cells: tuple[Cell, ...]
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]


def calibration_plot(item: Reliability) -> Plot:
    """Share correct against mean score in each bin; the dot's size grows with the number of predictions."""
    most = max((entry.n for entry in item.bins), default=1)
    dots = tuple(
        Dot(
            across(entry.mean_score),
            up(entry.share_correct),
            round(2.5 + 4.5 * math.log1p(entry.n) / math.log1p(most), 2),
            f"score {entry.mean_score:.2f}: {entry.share_correct:.2f} correct of {entry.n:,}",
        )
        for entry in item.bins
    )
    return Plot(
        (_path([(0, 0), (1, 1)], "ideal"), _path([(b.mean_score, b.share_correct) for b in item.bins], "line")), dots
    )


def coverage_plot(evaluation: Evaluation) -> Plot:
    """Precision against the share of photos with a tag, and of true tags found; dots at the target precisions."""
    curve = evaluation.curve
    dots = tuple(
        Dot(
            across(item.photos_covered.value or 0),
            up(item.precision.value),
            4.5,
            f"target {item.target:.2f}: precision {item.precision.value:.2f}",
        )
        for item in evaluation.at_precision
        if item.precision.value is not None
    )
    photos = _path([(point.photos_covered, point.precision) for point in curve], "line")
    return Plot((_path([(point.tags_found, point.precision) for point in curve], "second"), photos), dots)


def kinds_histogram(item: UnknownKinds) -> Histogram:
    """Shares of the photos of known and of unknown kinds by the score of their best tag."""
    bars = []
    for entry in item.best_scores:
        middle = (entry.low + entry.high) / 2
        for kind, n, total, start in (
            ("known", entry.n_known, item.n_known, entry.low),
            ("unknown", entry.n_unknown, item.n_unknown, middle),
        ):
            left, right, top = across(start) + _BAR_GAP, across(start + (entry.high - entry.low) / 2), up(n / total)
            title = f"score {entry.low:.1f} to {entry.high:.1f}: {n:,} of {total:,} photos of {kind} kinds"
            size = round(right - left, 2), round(up(0) - top, 2)
            bars.append(Bar(round(left, 2), top, *size, kind, title))
    return Histogram(tuple(bars))


def confusion_grid(evaluation: Evaluation) -> Grid | None:
    """The matrix as cells, without empty ones; tags are labelled where there is room for their names."""
    if evaluation.confusion is None:
        return None
    names = [printable(tag, _LABEL_CHARACTERS) for tag in evaluation.vocabulary]
    counts = evaluation.confusion
    totals = counts.sum(axis=1)
    labelled = len(names) <= MAX_LABELLED
    small = _CELL if labelled else max(3, _CELL * MAX_LABELLED // len(names))
    cell = _LARGE_CELL if len(names) <= _FEW_TAGS else small
    start = 12 + round(_CHARACTER_PIXELS * max(map(len, names))) if labelled else 4
    cells = tuple(
        Cell(
            start + cell * predicted,
            start + cell * true,
            round(float(counts[true, predicted] / totals[true]), 3),
            true == predicted,
            f"{names[true]}: {counts[true, predicted]:,} of {totals[true]:,} predicted as {names[predicted]}",
        )
        for true, predicted in zip(*(axis.tolist() for axis in counts.nonzero()), strict=True)
    )
    middles = [start + cell * at + cell // 2 for at in range(len(names))] if labelled else []
    rows = tuple(Label(start - 6, middle, name) for middle, name in zip(middles, names, strict=False))
    columns = tuple(Label(middle, start - 6, name) for middle, name in zip(middles, names, strict=False))
    return Grid(start, cell * len(names), cell, cells, rows, columns)


def _path(points: list[tuple[float, float]], kind: str) -> Path:
    return Path(" ".join(f"{across(x)},{up(y)}" for x, y in points), kind)
