"""The best tags of each fitted photo, few enough to save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Bool, Float32, Int32, UInt8

KEPT = 20


@dataclass(frozen=True, slots=True)
class TopTags:
    """The best tags of each fitted photo, by falling score.

    `tags`: (n_photos, k) int32 into the vocabulary, -1 where there are fewer than k. `scores`: (n_photos, k) float32 in
    0..1, calibrated, 0 where there is no tag. `shares`: (n_photos, k, n_components) uint8, the share of each component
    of the tag model in the score, in percent; 0 components where that is unknown.
    """

    tags: Int32
    scores: Float32
    shares: UInt8

    def __post_init__(self) -> None:
        if self.tags.shape != self.scores.shape or self.tags.shape != self.shares.shape[:2]:
            raise ValueError("tags, scores and shares differ in shape")

    @classmethod
    def without_shares(cls, tags: Int32, scores: Float32) -> TopTags:
        """Top tags without the shares of components."""
        return cls(tags, scores, np.zeros((*tags.shape, 0), np.uint8))

    @classmethod
    def none(cls, n_photos: int) -> TopTags:
        """No tag for any photo."""
        return cls.without_shares(np.zeros((n_photos, 0), np.int32), np.zeros((n_photos, 0), np.float32))

    @classmethod
    def joined(cls, chunks: Sequence[TopTags]) -> TopTags:
        """The photos of all chunks in their order."""
        return cls(
            np.concatenate([chunk.tags for chunk in chunks]),
            np.concatenate([chunk.scores for chunk in chunks]),
            np.concatenate([chunk.shares for chunk in chunks]),
        )

    def take(self, rows: NDArray[np.intp]) -> TopTags:
        return TopTags(self.tags[rows], self.scores[rows], self.shares[rows])

    def without(self, removed: Bool) -> TopTags:
        """The top tags without those that are `removed`, (n_photos, k) bool."""
        return TopTags(
            np.where(removed, np.int32(-1), self.tags), np.where(removed, np.float32(0), self.scores), self.shares
        ).ordered()

    def ordered(self) -> TopTags:
        """By falling score, places without a tag last."""
        keys = np.where(self.tags < 0, np.float32(1), -self.scores)
        rows = np.flatnonzero((np.diff(keys, axis=1) < 0).any(axis=1))
        if not len(rows):
            return self
        order = np.argsort(keys[rows], axis=1, kind="stable")
        tags, scores, shares = self.tags.copy(), self.scores.copy(), self.shares.copy()
        tags[rows] = np.take_along_axis(tags[rows], order, axis=1)
        scores[rows] = np.take_along_axis(scores[rows], order, axis=1)
        shares[rows] = np.take_along_axis(shares[rows], order[:, :, None], axis=1)
        return TopTags(tags, scores, shares)


def ranked(scores: NDArray[np.floating]) -> NDArray[np.intp]:
    """Columns by falling score, ties by the lower column: (n, n_tags) to (n, n_tags)."""
    return np.argsort(-scores, axis=1, kind="stable")


def top_tags(scores: Float32, contributions: Float32 | None = None) -> TopTags:
    """Keep the `KEPT` best of (n_photos, n_tags) scores; `contributions` (n_components, n_photos, n_tags): see
    `model.TagScores`.
    """
    order = ranked(scores)[:, :KEPT]
    tags, best = order.astype(np.int32), np.take_along_axis(scores, order, axis=1).astype(np.float32)
    if contributions is None:
        return TopTags.without_shares(tags, best)
    kept = np.stack([np.take_along_axis(component, order, axis=1) for component in contributions], axis=2)
    return TopTags(tags, best, np.round(100 * positive_shares(kept)).astype(np.uint8))


def positive_shares(contributions: NDArray[np.floating]) -> NDArray[np.float64]:
    """Positive contributions over their sum along the last axis, in 0..1; negative ones are 0."""
    positive = np.maximum(contributions.astype(np.float64), 0.0)
    total = positive.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(positive, total, out=np.zeros_like(positive), where=total > 0))
