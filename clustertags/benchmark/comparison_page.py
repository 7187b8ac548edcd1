"""The content of a comparison's page, as text and numbers; made without reading or writing anything."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark import plots
from clustertags.benchmark.comparison import OURS, BudgetFigures, MethodRow, Spread
from clustertags.benchmark.curve_plots import CurvePlot, Series, curve_plot
from clustertags.benchmark.figures import Figure
from clustertags.benchmark.meanings import meaning, shown
from clustertags.benchmark.photo_scores import MAIN_FIGURE, ONE_TAG_FIGURES
from clustertags.benchmark.probable_scores import Judged
from clustertags.benchmark.quoted import QUOTED
from clustertags.benchmark.report import RateBar, TagRow, rate_bar, tag_rows
from clustertags.benchmark.results import Results, decided
from clustertags.benchmark.sections import Section
from clustertags.benchmark.splits import Split
from clustertags.benchmark.verdict import holds, verdict
from clustertags.printable import printable

TEXT_CHARACTERS = 400
_CURVES = (MAIN_FIGURE, "P@1")


@dataclass(frozen=True, slots=True)
class Cell:
    """`small`: the spread or the interval under the value."""

    value: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A method's row; `reason` stands for figures that are missing."""

    name: str
    title: str
    paper: str
    needs: str
    ours: bool
    cells: tuple[Cell, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one family."""

    family: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class BudgetTable:
    id: str
    name: str
    columns: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]


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
class Plain:
    """A table of text; the first column is its heading."""

    id: str
    title: str
    words: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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
    n_draws = max(draw.number for draw in split.draws) + 1
    return ComparisonPage(
        title=printable(labelled.title),
        summary=(
            f"{len(labelled):,} photos, {len(labelled.names):,} tags, {labelled.tags.sum(axis=1).mean():.1f} a photo. "
            f"{len(split.test):,} photos are the test, {len(split.training):,} are for training; "
            f"{n_draws} {'draw' if n_draws == 1 else 'draws'} of labelled photos a budget."
        ),
        verdict=verdict(results.comparison, split),
        holds=holds(results.comparison),
        notes=(*_protocol_notes(results), *(printable(note, TEXT_CHARACTERS) for note in labelled.notes)),
        tables=tuple(_budget_table(results, budget) for budget in split.budgets),
        curves=tuple(_curve(results, figure, rival) for figure in _CURVES),
        rival=rival,
        top=_top_bars(results),
        judged=_judged_table(results),
        in_full=tuple(_in_full(results.judged[name], split) for name in results.shown if name in results.judged),
        clusters=_cluster_table(results),
        examples=tuple(
            Shown(item.data_uri(), _names(item.true), _names(item.answer), item.right) for item in results.examples
        ),
        examples_of=results.shown[0] if results.shown else "",
        plain=(*(_section(item) for item in results.sections), *_tag_only(results)),
        quoted=_quoted(),
    )


def spread_text(spread: Spread | None) -> Cell:
    """The mean with its deviation over draws."""
    if spread is None:
        return Cell("–")
    return Cell(shown(spread.mean), "" if spread.deviation is None else f"± {spread.deviation:.3f}")


def difference_text(figure: Figure | None) -> Cell:
    if figure is None or figure.value is None:
        return Cell("–")
    interval = "" if figure.low is None or figure.high is None else f"{figure.low:+.3f} to {figure.high:+.3f}"
    return Cell(f"{figure.value:+.3f}", interval)


def memory_text(n_bytes: int | None) -> str:
    return "–" if n_bytes is None else f"{n_bytes / 2**20:,.0f}"


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


def _budget_table(results: Results, budget: int) -> BudgetTable:
    comparison, split = results.comparison, results.split
    first, *others = ((name, meaning(name)) for name in comparison.figures)
    gap = (f"{first[0]} less best baseline", "paired, with its 95 % interval")
    columns = [first, gap, *others, ("Fit, s", ""), ("Predict, s", ""), ("Memory, MiB", "")]
    parts = []
    for family in dict.fromkeys(row.family for row in comparison.rows):
        rows = [row for row in comparison.rows if row.family is family]
        rows.sort(key=lambda row: -_main(row.at(budget)))
        parts.append(Part(str(family), tuple(_row(row, budget, comparison.figures) for row in rows)))
    return BudgetTable(f"budget-{budget}", split.budget_name(budget), tuple(columns), tuple(parts))


def _main(found: BudgetFigures | None) -> float:
    return found.figures[MAIN_FIGURE].mean if found else -1.0


def _row(row: MethodRow, budget: int, figures: tuple[str, ...]) -> Row:
    found = row.at(budget)
    reason = "; ".join(row.reasons) or "not computed" if found is None else ""
    cells: tuple[Cell, ...] = ()
    if found is not None:
        cells = (
            spread_text(found.figures.get(figures[0])),
            difference_text(found.difference[MAIN_FIGURE]),
            *(spread_text(found.figures.get(name)) for name in figures[1:]),
            Cell(f"{found.fit_seconds:.2f}"),
            Cell(f"{found.predict_seconds:.2f}"),
            Cell(memory_text(found.peak_bytes)),
        )
    return Row(
        printable(row.name),
        printable(row.title),
        printable(row.paper, TEXT_CHARACTERS),
        ", ".join(row.needs),
        row.name == OURS,
        cells,
        printable(reason, TEXT_CHARACTERS),
    )


def _curve(results: Results, figure: str, rival: str) -> Curve:
    kinds = {OURS: "line", rival: "second"}
    series = []
    for row in results.comparison.rows:
        found = [row.at(budget) for budget in results.split.budgets]
        values = tuple(item.figures[figure].mean if item else None for item in found)
        if any(value is not None for value in values):
            series.append(Series(printable(row.title, 60), kinds.get(row.name, "other"), values))
    budgets = tuple("all" if budget == 0 else f"{budget:,}" for budget in results.split.budgets)
    return Curve(f"curve-{figure.replace('@', '')}", figure, meaning(figure), curve_plot(tuple(series), budgets))


def _top_bars(results: Results) -> tuple[TopBars, ...]:
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


def _judged_table(results: Results) -> Plain:
    columns = ("Method", "ECE as given", "Brier as given", "ECE", "Brier score", "TP", "FP", "FN", "TN", "Scores")
    rows = []
    for row in results.comparison.rows:
        judged = results.judged.get(row.name)
        if judged:
            overall, given = judged.evaluation.overall, judged.as_given
            rows.append(
                (
                    printable(row.title),
                    shown(given.error.value) if given else "–",
                    shown(judged.brier_as_given.value) if judged.brier_as_given else "–",
                    shown(judged.evaluation.all_pairs.error.value),
                    shown(overall["Brier score"].value),
                    *(f"{value:,}" for value in decided(judged).values()),
                    judged.kind,
                )
            )
    words = (
        "Scores in 0..1 are judged as they are given. After that, all are judged by one rising map from scores to "
        "probabilities, fitted on training photos that the method saw without their tags, never on test photos. TP, "
        "FP, FN and TN count photos and tags given from 0.5 on after the map. First draw, largest budget."
    )
    return Plain("judged", "Calibration and decisions", words, columns, tuple(rows))


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


def _cluster_table(results: Results) -> Plain | None:
    scores = results.clusters
    if scores is None:
        return None
    words = (
        f"The {scores.n_photos:,} training photos, clustered as `fit` does without any tag: {scores.n_clusters:,} "
        f"clusters, {scores.noise:.1%} noise of HDBSCAN, {scores.unclustered:.1%} still unclustered after the vote. "
        "Mutual information, the Rand index and accuracy need one tag a photo."
    )
    columns = ("Photos", "Share", "AMI", "NMI", "ARI", "Accuracy, best matching", "Tag purity")
    rows = tuple(
        (item.photos, f"{item.share:.1%}", *map(shown, (item.ami, item.nmi, item.ari, item.accuracy, item.purity)))
        for item in scores.agreements
    )
    return Plain("clusters", "Clusters against tags", words, columns, rows)


def _section(item: Section) -> Plain:
    rows = tuple(tuple(printable(cell, TEXT_CHARACTERS) for cell in row) for row in item.rows)
    words = printable(item.words, 2000)
    return Plain(f"section-{item.name}", printable(item.title), words, item.columns, rows)


def _tag_only(results: Results) -> tuple[Plain, ...]:
    found = results.tag_only
    if found is None:
        return ()
    words = (
        f"The five most frequent tags of {found.n_training:,} lists of tags, asked for {found.n_test:,} others; "
        f"{len(found.splits)} random splits. No photo is needed."
    )
    spreads = [spread_text(spread) for spread in found.figures.values()]
    row = ("The five most frequent tags", *(f"{cell.value} {cell.small}".strip() for cell in spreads))
    return (Plain("tag-only", "Tags alone", words, ("Row", *found.figures), (row,)),)


def _quoted() -> Plain:
    rows = tuple(
        (item.title, "; ".join(f"{name} {value:.3f}" for name, value in item.figures), item.data, item.source)
        for item in QUOTED
    )
    words = "As their papers report them, on data that are not these. They are never ranked with the rows above."
    return Plain("quoted", "Published, other data", words, ("Method", "Figures", "Data", "Source"), rows)


def _names(tags: tuple[str, ...]) -> str:
    return ", ".join(printable(tag, 60) for tag in tags)
