"""Coordinates of learning curves: one line for each method over the budgets, two of them highlighted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from clustertags.evaluation.plots import Dot, across, up

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MAX_TICKS = 8


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """`kind`: "line" for clustertags, "second" for the best baseline, "other" for the rest."""

    points: str
    kind: str
    title: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class CurvePlot:
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A method's values, one for each budget, None where it has none."""

    title: str
    kind: str
    values: tuple[float | None, ...]


def curve_plot(series: tuple[Series, ...], budgets: tuple[str, ...]) -> CurvePlot:
    """Budgets are evenly spaced; the vertical axis spans the values in whole steps."""
    values = [value for item in series for value in item.values if value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    step = next((step for step in _STEPS if (high - low) / step <= _MAX_TICKS), _STEPS[-1])
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    places = [(at + 0.5) / len(budgets) for at in range(len(budgets))]

    def height(value: float) -> float:
        return (value / step - first) / (last - first)

    order = {"other": 0, "second": 1, "line": 2}
    lines = []
    for item in sorted(series, key=lambda item: order[item.kind]):
        marks = [(x, value) for x, value in zip(places, item.values, strict=True) if value is not None]
        dots = tuple(Dot(across(x), up(height(value)), 3, f"{item.title}: {value:.3f}") for x, value in marks)
        lines.append(Line(" ".join(f"{dot.x},{dot.y}" for dot in dots), item.kind, item.title, dots))
    ticks = tuple(Tick(up(height(at * step)), f"{at * step:.2f}") for at in range(first, last + 1))
    return CurvePlot(tuple(Tick(across(x), name) for x, name in zip(places, budgets, strict=True)), ticks, tuple(lines))
