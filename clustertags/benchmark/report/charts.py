"""What a comparison draws beside its tables: learning curves, and bars of the first tags right."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark.report.curve_plots import CurvePlot, Series, curve_plot
from clustertags.benchmark.report.text_tables import spread_text
from clustertags.benchmark.results.benchmark_results import Results
from clustertags.benchmark.results.table import OURS, Spread
from clustertags.evaluation.metric_descriptions import meaning
from clustertags.evaluation.per_photo_metrics import ONE_TAG_FIGURES
from clustertags.evaluation.report import RateBar, rate_bar
from clustertags.evaluation.results import Figure
from clustertags.support.printable import printable


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


def learning_curve(results: Results, figure: str, rival: str) -> Curve:
    """One line a method over the budgets; ours and `rival` are picked out."""
    kinds = {OURS: "line", rival: "second"}
    series = []
    for row in results.comparison.rows:
        found = [row.at(budget) for budget in results.split.budgets]
        values = tuple(item.figures[figure].mean if item else None for item in found)
        if any(value is not None for value in values):
            series.append(Series(printable(row.title, 60), kinds.get(row.name, "other"), values))
    budgets = tuple("all" if budget == 0 else f"{budget:,}" for budget in results.split.budgets)
    return Curve(f"curve-{figure.replace('@', '')}", figure, meaning(figure), curve_plot(tuple(series), budgets))


def top_bars(results: Results) -> tuple[TopBars, ...]:
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
