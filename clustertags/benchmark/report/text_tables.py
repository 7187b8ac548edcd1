"""The tables of a comparison's page that are plain text: each as rows of cells."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.results.benchmark_results import Results, decided
from clustertags.benchmark.results.published_figures import HEADING, QUOTED
from clustertags.benchmark.results.table import Spread
from clustertags.evaluation.metric_descriptions import shown
from clustertags.evaluation.results import Figure
from clustertags.support.printable import printable

TEXT_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Cell:
    """`small`: the spread or the interval under the value."""

    value: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """A table of text; the first column is its heading."""

    id: str
    title: str
    words: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def spread_text(spread: Spread | None) -> Cell:
    """The mean with its deviation over draws."""
    if spread is None:
        return Cell("–")
    return Cell(shown(spread.mean), "" if spread.deviation is None else f"± {spread.deviation:.3f}")


def difference_text(figure: Figure | None) -> Cell:
    """The difference with its sign and interval, a dash for none."""
    if figure is None or figure.value is None:
        return Cell("–")
    interval = "" if figure.low is None or figure.high is None else f"{figure.low:+.3f} to {figure.high:+.3f}"
    return Cell(f"{figure.value:+.3f}", interval)


def memory_text(n_bytes: int | None) -> str:
    """Whole MiB."""
    return "–" if n_bytes is None else f"{n_bytes / 2**20:,.0f}"


def judged_table(results: Results) -> Plain:
    """How far each method's scores can be trusted, and what giving tags by them leads to."""
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


def cluster_table(results: Results) -> Plain | None:
    """The agreement of clusters with tags."""
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


def section_table(item: Section) -> Plain:
    """A table of another protocol."""
    rows = tuple(tuple(printable(cell, TEXT_CHARACTERS) for cell in row) for row in item.rows)
    words = printable(item.words, 2000)
    return Plain(f"section-{item.name}", printable(item.title), words, item.columns, rows)


def tag_only_tables(results: Results) -> tuple[Plain, ...]:
    """Rows from lists alone, where there are any."""
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


def quoted_table() -> Plain:
    """What papers report."""
    rows = tuple(
        (item.title, "; ".join(f"{name} {value:.3f}" for name, value in item.figures), item.data, item.source)
        for item in QUOTED
    )
    words = "As their papers report them, on data that are not these. They are never ranked with the rows above."
    return Plain("quoted", HEADING, words, ("Method", "Figures", "Data", "Source"), rows)
