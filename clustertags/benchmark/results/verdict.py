"""What the table says of ours, in sentences for the top of the page."""

from __future__ import annotations

from collections.abc import Sequence

from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.results.table import BEHIND, FIRST, OURS, WITHIN, Comparison, Standing
from clustertags.evaluation.per_photo_metrics import MAIN_FIGURE


def verdict(comparison: Comparison, split: Split) -> tuple[str, ...]:
    """Sentences: where ours is first, where within the interval of the first, and where behind, by how much."""
    if not any(row.name == OURS and row.budgets for row in comparison.rows):
        return (f"{OURS} is not among the rows, so nothing is said of its place.",)
    if not comparison.standings:
        return (f"{OURS} stands alone: choose more methods to compare it with.",)
    sentences = []
    figures = dict.fromkeys(item.figure for item in comparison.standings)
    for figure in sorted(figures, key=lambda name: name != MAIN_FIGURE):
        sentences += _of_figure(figure, [item for item in comparison.standings if item.figure == figure], split)
    return tuple(sentences)


def holds(comparison: Comparison) -> bool:
    """Whether ours is first, or within the interval of the first, at every budget by the main figure."""
    main = [item for item in comparison.standings if item.figure == MAIN_FIGURE]
    return bool(main) and all(item.verdict != BEHIND for item in main)


def _of_figure(figure: str, standings: Sequence[Standing], split: Split) -> list[str]:
    first = [split.budget_name(item.budget) for item in standings if item.verdict == FIRST]
    sentences = []
    if len(first) == len(standings):
        sentences.append(f"By {figure}, {OURS} is first at every budget ({', '.join(first)}).")
    elif first:
        sentences.append(f"By {figure}, {OURS} is first at {', '.join(first)}.")
    for item in standings:
        if item.verdict == FIRST:
            continue
        gap = item.difference
        told = "" if gap.low is None or gap.high is None else f", 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
        place = "within the interval of the first" if item.verdict == WITHIN else "not first"
        part = ", one of its own parts" if item.is_part else ""
        sentences.append(
            f"By {figure} at {split.budget_name(item.budget)}, {OURS} is {place}: {item.ours:.3f} against "
            f"{item.rival_value:.3f} of {item.rival}{part} ({gap.value or 0:+.3f}{told})."
        )
    return sentences
