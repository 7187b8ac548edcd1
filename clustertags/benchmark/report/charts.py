"""Charts of the report: learning curves, and bars of top-K accuracy."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark.report.curve_plots import CurvePlot, Series, curve_plot
from clustertags.benchmark.report.text_tables import spread_text
from clustertags.benchmark.results.benchmark_results import BenchmarkResults
from clustertags.benchmark.results.table import CLUSTERTAGS, Spread
from clustertags.evaluation.metric_descriptions import describe_metric
from clustertags.evaluation.per_photo_metrics import ONE_TAG_METRICS
from clustertags.evaluation.report import RateBar, rate_bar
from clustertags.evaluation.results import Estimate
from clustertags.support.printable import printable


@dataclass(frozen=True, slots=True)
class Curve:
    id: str
    figure: str
    description: str
    plot: CurvePlot


@dataclass(frozen=True, slots=True)
class TopBars:
    title: str
    bars: tuple[RateBar, ...]


def learning_curve(results: BenchmarkResults, figure: str, baseline: str) -> Curve:
    """One line for each method over the budgets; clustertags and `baseline` are highlighted."""
    kinds = {CLUSTERTAGS: "line", baseline: "second"}
    series = []
    for row in results.comparison.rows:
        found = [row.at(budget) for budget in results.split.budgets]
        values = tuple(item.figures[figure].mean if item else None for item in found)
        if any(value is not None for value in values):
            series.append(Series(printable(row.title, 60), kinds.get(row.name, "other"), values))
    budgets = tuple("all" if budget == 0 else f"{budget:,}" for budget in results.split.budgets)
    return Curve(
        f"curve-{figure.replace('@', '')}", figure, describe_metric(figure), curve_plot(tuple(series), budgets)
    )


def top_bars(results: BenchmarkResults) -> tuple[TopBars, ...]:
    """Top-1, 5 and 10 at the largest budget, where photos have one tag."""
    if ONE_TAG_METRICS[0] not in results.comparison.figures:
        return ()
    ranked = []
    for row in results.comparison.rows:
        found = row.at(results.split.budgets[-1])
        if found:
            spreads = [found.figures[name] for name in ONE_TAG_METRICS]
            ranked.append((spreads[0].mean, TopBars(printable(row.title), tuple(map(_spread_bar, spreads)))))
    return tuple(bars for _, bars in sorted(ranked, key=lambda item: -item[0]))


def _spread_bar(spread: Spread) -> RateBar:
    wide = spread.deviation or 0.0
    bar = rate_bar(Estimate(spread.mean, max(spread.mean - wide, 0), min(spread.mean + wide, 1)))
    return RateBar(bar.value, spread_text(spread).small, bar.width, bar.low, bar.high)
