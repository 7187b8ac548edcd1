"""The most frequent tags as a prediction, on tag lists without photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.harrison import N_PHOTOS, N_TEST, HarrisonLists
from clustertags.benchmark.results.table import Spread

TOP_K = 5
PUBLISHED_FIGURES = {"P@1": 0.113, "R@5": 0.084, "A@5": 0.284}


@dataclass(frozen=True, slots=True)
class PopularityResult:
    """Popularity on random splits: the mean and deviation of each metric, and its value on each split."""

    n_training: int
    n_test: int
    figures: dict[str, Spread]
    splits: tuple[dict[str, float], ...]
    first_tags: tuple[str, ...]


def score_popularity(lists: HarrisonLists, *, n_splits: int = 20, random_state: int = 0) -> PopularityResult:
    """Predict the `TOP_K` most frequent tags of the training lines for each test line, on several random splits.

    Split i is drawn with `random_state` + i; its first 5,000 lines, or the same share of shorter lists, are the test.
    """
    tags = [frozenset(row) for row in lists.tags]
    n_test = N_TEST if len(tags) == N_PHOTOS else max(1, round(len(tags) * N_TEST / N_PHOTOS))
    splits: list[dict[str, float]] = []
    first: tuple[str, ...] = ()
    for number in range(n_splits):
        order = np.random.default_rng(random_state + number).permutation(len(tags))
        top = most_frequent(tags, order[n_test:], lists.vocabulary)
        first = first or top
        splits.append(_figures(top, [tags[row] for row in order[:n_test]]))
    figures = {name: Spread.of([item[name] for item in splits]) for name in PUBLISHED_FIGURES}
    return PopularityResult(len(tags) - n_test, n_test, figures, tuple(splits), first)


def most_frequent(tags: Sequence[frozenset[str]], rows: NDArray[np.intp], vocabulary: Sequence[str]) -> tuple[str, ...]:
    """The most frequent tags of these rows; ties go to the tag earlier in the vocabulary."""
    counts = Counter(tag for row in rows.tolist() for tag in tags[row])
    place = {tag: at for at, tag in enumerate(vocabulary)}
    return tuple(sorted(counts, key=lambda tag: (-counts[tag], place[tag]))[:TOP_K])


def _figures(top: Sequence[str], truths: Sequence[frozenset[str]]) -> dict[str, float]:
    listed = set(top)
    return {
        "P@1": float(np.mean([top[0] in truth for truth in truths])),
        "R@5": float(np.mean([len(listed & truth) / len(truth) for truth in truths])),
        "A@5": float(np.mean([bool(listed & truth) for truth in truths])),
    }
