"""The best few tags of many photos, small enough to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Float32, Int32

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


def ranked(scores: NDArray[np.floating]) -> NDArray[np.intp]:
    """Columns by falling score, ties by the lower column: (n, n_tags) to (n, n_tags)."""
    return np.argsort(-scores, axis=1, kind="stable")


def top_tags(scores: Float32) -> TopTags:
    """Keep the `KEPT` best of (n_photos, n_tags) scores."""
    order = ranked(scores)[:, :KEPT]
    return TopTags(order.astype(np.int32), np.take_along_axis(scores, order, axis=1).astype(np.float32))
