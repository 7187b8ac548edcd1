"""Votes of the nearest labelled photos, with a tie-break between tags.

Photos are compared by the cosine of their features. Votes are small integers, so most tags of a photo tie: a millionth
of the cosine of the nearest labelled photo with the tag orders them by the photos alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.neighbours import nearest
from clustertags.types import Bool, Float32, Float64, Int32, Neighbours

TIE_BREAK = 1e-6
"""Less than the smallest difference of two votes, which in TagVote are multiples of 1 / n_labelled."""


@dataclass(frozen=True, slots=True)
class LabelledPhotos:
    """`values`: (n_labelled, n_features) float32, rows of unit length; `tags`: (n_labelled, n_tags) bool; `users`:
    (n_labelled,) int32, the user of each photo, where known.
    """

    values: Float32
    tags: Bool
    users: Int32 | None = None

    def neighbours(self, queries: Float32, k: int) -> Neighbours:
        """The `k` nearest labelled photos of each row of `queries`, ties to the lower row."""
        return nearest(self.values, queries, k)

    def others(self, k: int) -> Neighbours:
        """The `k` nearest other labelled photos of each labelled photo."""
        return nearest(self.values, self.values, k, exclude_self=True)

    def votes(self, neighbours: Neighbours) -> Float64:
        """(n, n_tags) float64: the number of neighbours with the tag, or of their users where known."""
        has_tag = self.tags[neighbours.indices]
        if self.users is None:
            return np.asarray(has_tag.sum(axis=1), np.float64)
        counted = np.zeros((len(has_tag), self.tags.shape[1]))
        owners = self.users[neighbours.indices]
        for rank in range(has_tag.shape[1]):
            same = (owners[:, :rank] == owners[:, rank, None])[:, :, None]
            counted += has_tag[:, rank] & ~(has_tag[:, :rank] & same).any(axis=1)
        return counted

    def tie_break(self, queries: Float32) -> Float64:
        """(n, n_tags) float64 in 0..2e-6: `TIE_BREAK` times 1 plus the largest cosine to a photo with the tag, 0 for
        a tag without photos.
        """
        return TIE_BREAK * self._closest(np.round(queries.astype(np.float64) @ self.values.T.astype(np.float64), 10))

    def leave_one_out_tie_break(self) -> Float64:
        """`tie_break` of each labelled photo from the others."""
        values = self.values.astype(np.float64)
        cosines = np.round(values @ values.T, 10)
        np.fill_diagonal(cosines, -1)
        return TIE_BREAK * self._closest(cosines)

    def _closest(self, cosines: Float64) -> Float64:
        closest = np.zeros((len(cosines), self.tags.shape[1]))
        for tag, column in enumerate(self.tags.T):
            with_tag: NDArray[np.intp] = np.flatnonzero(column)
            if len(with_tag):
                closest[:, tag] = 1 + cosines[:, with_tag].max(axis=1)
        return closest


def choose_k(labelled: LabelledPhotos, candidates: tuple[int, ...], prior: bool) -> int:
    """The number of neighbours with the best leave-one-out mean reciprocal rank on the labelled photos, the smaller on
    ties; the smallest where no two labelled photos share a tag.

    `prior`: whether votes are corrected for the frequency of tags, see `vote_scores`.
    """
    from clustertags.tagging.head import ranking_quality  # noqa: PLC0415

    testable = labelled.tags & (labelled.tags.sum(axis=0) >= 2)
    n = len(labelled.tags)
    if n < 3 or not testable.any():
        return min(candidates)
    ties = labelled.leave_one_out_tie_break()
    frequency = (labelled.tags.sum(axis=0) - labelled.tags) / (n - 1)
    best, best_quality = min(candidates), -1.0
    for k in sorted(candidates):
        near = labelled.others(k)
        scores = vote_scores(labelled.votes(near), near.indices.shape[1], frequency if prior else 0.0) + ties
        quality = round(float(ranking_quality(scores, labelled.tags.astype(np.float64), testable).mean()), 9)
        if quality > best_quality:
            best, best_quality = k, quality
    return best


def vote_scores(votes: Float64, k: int, frequency: Float64 | float) -> Float64:
    """Votes minus those that a tag would get from `k` photos drawn at random: votes - k * freq(t) / N."""
    return votes - k * frequency
