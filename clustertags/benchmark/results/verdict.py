"""The rank of clustertags, as sentences for the top of the report."""

from __future__ import annotations

from collections.abc import Sequence

from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.results.table import BEHIND, CLUSTERTAGS, FIRST, WITHIN, Comparison, Standing
from clustertags.evaluation.per_photo_metrics import MAIN_METRIC


def verdict(comparison: Comparison, split: Split) -> tuple[str, ...]:
    """Sentences: where clustertags is first, within the interval of the first, or behind, and by how much."""
    if not any(row.name == CLUSTERTAGS and row.budgets for row in comparison.rows):
        return (f"{CLUSTERTAGS} is not among the rows, so it has no rank.",)
    if not comparison.standings:
        return (f"{CLUSTERTAGS} is the only row: choose more methods to compare it with.",)
    sentences = []
    figures = dict.fromkeys(item.figure for item in comparison.standings)
    for figure in sorted(figures, key=lambda name: name != MAIN_METRIC):
        sentences += _metric_sentences(figure, [item for item in comparison.standings if item.figure == figure], split)
    return tuple(sentences)


def is_first_or_within(comparison: Comparison) -> bool:
    """Whether clustertags is first, or within the interval of the first, at every budget by the main metric."""
    main = [item for item in comparison.standings if item.figure == MAIN_METRIC]
    return bool(main) and all(item.verdict != BEHIND for item in main)


def _metric_sentences(figure: str, standings: Sequence[Standing], split: Split) -> list[str]:
    first = [split.budget_name(item.budget) for item in standings if item.verdict == FIRST]
    sentences = []
    if len(first) == len(standings):
        sentences.append(f"By {figure}, {CLUSTERTAGS} is first at every budget ({', '.join(first)}).")
    elif first:
        sentences.append(f"By {figure}, {CLUSTERTAGS} is first at {', '.join(first)}.")
    for item in standings:
        if item.verdict == FIRST:
            continue
        gap = item.difference
        interval = "" if gap.low is None or gap.high is None else f", 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
        place = "within the interval of the first" if item.verdict == WITHIN else "not first"
        part = ", one of its own components" if item.is_part else ""
        sentences.append(
            f"By {figure} at {split.budget_name(item.budget)}, {CLUSTERTAGS} is {place}: {item.ours:.3f} against "
            f"{item.rival_value:.3f} of {item.rival}{part} ({gap.value or 0:+.3f}{interval})."
        )
    return sentences
