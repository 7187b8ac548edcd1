"""The tables of the report that are plain text."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.results.benchmark_results import BenchmarkResults, decision_counts
from clustertags.benchmark.results.published_figures import HEADING, PUBLISHED_RESULTS
from clustertags.benchmark.results.table import Spread
from clustertags.evaluation.metric_descriptions import format_value
from clustertags.evaluation.results import Estimate
from clustertags.support.printable import printable

TEXT_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Cell:
    """`small`: the spread or the interval below the value."""

    value: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of text; the first column is its heading."""

    id: str
    title: str
    description: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def spread_text(spread: Spread | None) -> Cell:
    """The mean with its deviation over draws."""
    if spread is None:
        return Cell("–")
    return Cell(format_value(spread.mean), "" if spread.deviation is None else f"± {spread.deviation:.3f}")


def difference_text(figure: Estimate | None) -> Cell:
    """The difference with its sign and interval, a dash for none."""
    if figure is None or figure.value is None:
        return Cell("–")
    interval = "" if figure.low is None or figure.high is None else f"{figure.low:+.3f} to {figure.high:+.3f}"
    return Cell(f"{figure.value:+.3f}", interval)


def memory_text(n_bytes: int | None) -> str:
    """Whole MiB."""
    return "–" if n_bytes is None else f"{n_bytes / 2**20:,.0f}"


def calibration_table(results: BenchmarkResults) -> TextTable:
    """Calibration of each method's scores, and counts of the tags predicted by them."""
    columns = ("Method", "ECE as given", "Brier as given", "ECE", "Brier score", "TP", "FP", "FN", "TN", "Scores")
    rows = []
    for row in results.comparison.rows:
        found = results.evaluations.get(row.name)
        if found:
            overall, as_given = found.evaluation.overall, found.as_given
            rows.append(
                (
                    printable(row.title),
                    format_value(as_given.error.value) if as_given else "–",
                    format_value(found.brier_as_given.value) if found.brier_as_given else "–",
                    format_value(found.evaluation.all_pairs.error.value),
                    format_value(overall["Brier score"].value),
                    *(f"{value:,}" for value in decision_counts(found).values()),
                    found.kind,
                )
            )
    description = (
        "Scores in 0..1 are evaluated as given. All are also evaluated after one monotone map from scores to "
        "probabilities, fitted on training photos that the method got without their tags, never on test photos. TP, "
        "FP, FN and TN count photos with tags predicted from 0.5 on after the map. First draw, largest budget."
    )
    return TextTable("judged", "Calibration and decisions", description, columns, tuple(rows))


def cluster_table(results: BenchmarkResults) -> TextTable | None:
    """Agreement of clusters with tags."""
    scores = results.clusters
    if scores is None:
        return None
    description = (
        f"The {scores.n_photos:,} training photos, clustered as `fit` does without any tag: {scores.n_clusters:,} "
        f"clusters, {scores.noise:.1%} noise of HDBSCAN, {scores.unclustered:.1%} unclustered after the vote. "
        "Mutual information, the Rand index and accuracy need one tag a photo."
    )
    columns = ("Photos", "Share", "AMI", "NMI", "ARI", "Accuracy, best matching", "Tag purity")
    rows = tuple(
        (
            item.photos,
            f"{item.share:.1%}",
            *map(format_value, (item.ami, item.nmi, item.ari, item.accuracy, item.purity)),
        )
        for item in scores.agreements
    )
    return TextTable("clusters", "Clusters against tags", description, columns, rows)


def section_table(item: Section) -> TextTable:
    """A table of another protocol."""
    rows = tuple(tuple(printable(cell, TEXT_CHARACTERS) for cell in row) for row in item.rows)
    description = printable(item.description, 2000)
    return TextTable(f"section-{item.name}", printable(item.title), description, item.columns, rows)


def popularity_tables(results: BenchmarkResults) -> tuple[TextTable, ...]:
    """Results on tag lists without photos, if any."""
    found = results.popularity
    if found is None:
        return ()
    description = (
        f"The five most frequent tags of {found.n_training:,} tag lists as a prediction for {found.n_test:,} others; "
        f"{len(found.splits)} random splits. No photo is needed."
    )
    spreads = [spread_text(spread) for spread in found.figures.values()]
    row = ("The five most frequent tags", *(f"{cell.value} {cell.small}".strip() for cell in spreads))
    return (TextTable("tag-only", "Tags alone", description, ("Row", *found.figures), (row,)),)


def published_table() -> TextTable:
    """Results that papers report."""
    rows = tuple(
        (item.title, "; ".join(f"{name} {value:.3f}" for name, value in item.figures), item.data, item.source)
        for item in PUBLISHED_RESULTS
    )
    description = "As their papers report them, on other data. They are never ranked with the rows above."
    return TextTable("quoted", HEADING, description, ("Method", "Figures", "Data", "Source"), rows)
