"""The best few tags of many photos, small enough to keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Bool, Float32, Int32

KEPT = 20


@dataclass(frozen=True, slots=True)
class TopTags:
    """The best tags of each fitted photo, best first.

    `tags`: (n_photos, k) int32 into the vocabulary, -1 where there are fewer than k. `scores`: (n_photos, k) float32 in
    0..1, calibrated, 0 where there is no tag.
    """

    tags: Int32
    scores: Float32

    def __post_init__(self) -> None:
        if self.tags.shape != self.scores.shape:
            raise ValueError("tags and scores differ in shape")


def ranked(scores: NDArray[np.floating], last: Bool | None = None) -> NDArray[np.intp]:
    """Columns by falling score in 0..1, ties by the lower column, those of `last` (n_tags,) after all others:
    (n, n_tags) to (n, n_tags).
    """
    keys = -scores if last is None else 2.0 * last - scores
    return np.argsort(keys, axis=1, kind="stable")


def top_tags(scores: Float32, last: Bool | None = None) -> TopTags:
    """Keep the `KEPT` best of (n_photos, n_tags) scores, those of `last` after all others."""
    order = ranked(scores, last)[:, :KEPT]
    return TopTags(order.astype(np.int32), np.take_along_axis(scores, order, axis=1).astype(np.float32))


def demoted_columns(vocabulary: Sequence[str], demoted: Collection[str]) -> Bool:
    """(n_tags,) bool: which tags of the vocabulary are demoted."""
    return np.array([tag in demoted for tag in vocabulary], dtype=np.bool_)
