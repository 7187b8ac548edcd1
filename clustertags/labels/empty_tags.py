"""Tags that say nothing of a picture (`likeforlike`, `tbt`), recognised by what they do, not by a list of words.

A tag that names something seen gathers in some clusters, and the photos that carry it are foretold by photos that look
like them. Three signals of that are measured on the labelled photos, each against what a tag of the same count gets
that is dealt out blindly (a permutation test): the mutual information of tag and cluster, and the area under the ROC
curve (AUC) of two predictions that leave the photo itself out, one by the labelled photos nearest to it and one by
ridge regression. A tag is called empty only where all three together are no more than chance and where there are
enough photos with and without it to have noticed otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.vocabulary import normalise_tag
from clustertags.types import UNCLUSTERED, Float32, Float64, Int32, SeedTags

MIN_LABELLED = 60
"""With fewer labelled photos nothing is called empty."""
MIN_COUNT = 20
"""With fewer photos that carry the tag, or that do not, it is not judged."""
MEASURED_COUNT = 5
MAX_P = 0.1
"""Signals that blind dealing reaches less often than this are taken for real."""
MAX_GAIN = 0.7
"""A tag whose AUC may be as high as this, within its interval, is not judged: it could be a weak real one."""
TESTED_PHOTOS = 1500
N_PERMUTATIONS = 200
N_COUNTS = 8
VOTE_POWER = 8
PENALTY = 3.0
_ONE_SIDED_95 = 1.645


@dataclass(frozen=True, slots=True)
class TagUse:
    """How one tag is used. `count` of the `n_labelled` labelled photos carry it.

    `spread`: 1 where all clusters carry it alike, 0 where the cluster tells it. `gain`: AUC in 0..1 of foretelling it
    from the picture, 0.5 by chance. `p`: how often blind dealing gives signals as strong. All three are None where
    fewer than `MEASURED_COUNT` photos carry the tag or lack it. `reason`: why it is empty, "" where it is not.
    """

    tag: str
    count: int
    n_labelled: int
    spread: float | None = None
    gain: float | None = None
    p: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Signals:
    """One number a tag (n_tags,): AUC by the nearest photos and by regression, mutual information in nats."""

    near: Float64
    linear: Float64
    information: Float64

    def stacked(self) -> Float64:
        return np.stack([self.near, self.linear, self.information])


def measure_tag_use(
    space: Float32, labels: Int32, seeds: SeedTags, *, kept: Collection[str] = (), seed: int = 0
) -> tuple[TagUse, ...]:
    """Measure every tag of `seeds.vocabulary`, in its order.

    `space`: (n_labelled, n_components) float32, the labelled photos in the PCA space, rows of unit length; `labels`:
    (n_labelled,) int32, their clusters. Tags in `kept` (as `normalise_tag` spells them) are measured and never called
    empty. `seed` draws the permutations, and the photos where there are more than `TESTED_PHOTOS`.
    """
    n, counts = seeds.n_labelled, seeds.matrix.sum(axis=0)
    random = np.random.default_rng(seed)
    rows = random.permutation(n)[:TESTED_PHOTOS]  # shuffled, so that ties are broken blindly
    matrix = seeds.matrix[rows].astype(np.float64)
    carried = matrix.sum(axis=0)
    fewer = np.minimum(carried, len(rows) - carried).astype(int)
    uses = [TagUse(tag, int(count), n) for tag, count in zip(seeds.vocabulary, counts, strict=True)]
    measured = np.flatnonzero(fewer >= MEASURED_COUNT)
    if not len(measured):
        return tuple(uses)
    measure = _Measure(space[rows].astype(np.float64), labels[rows])
    found = measure.signals(matrix[:, measured])
    grid = _grid(fewer[measured])
    nearest = np.abs(np.log(fewer[measured])[:, None] - np.log(grid)).argmin(axis=1)
    for at, size in enumerate(grid):
        blind = measure.signals(_dealt(len(rows), int(size), random))
        for i in np.flatnonzero(nearest == at):
            use = _judged(uses[measured[i]], found.stacked()[:, i], blind, int(fewer[measured[i]]), len(rows))
            keep = normalise_tag(use.tag) in kept
            uses[measured[i]] = _without_reason(use) if keep else use
    return tuple(uses)


class _Measure:
    """What the signals share, whatever the tag; `space` (n, n_components) float64, `labels` (n,)."""

    def __init__(self, space: Float64, labels: Int32) -> None:
        self._space = space
        votes = np.maximum(space @ space.T, 0.0) ** VOTE_POWER
        np.fill_diagonal(votes, 0.0)
        self._votes = (votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-12)).astype(np.float32)
        inverse = np.linalg.inv(space.T @ space + PENALTY * np.eye(space.shape[1]))
        self._inverse = inverse
        self._diagonal = (1.0 - np.einsum("ij,jk,ik->i", space, inverse, space)) / PENALTY
        placed = np.flatnonzero(labels != UNCLUSTERED)
        clusters, at = np.unique(labels[placed], return_inverse=True)
        self._members = np.zeros((len(clusters), len(labels)))
        self._members[at, placed] = 1.0

    def signals(self, tags: Float64) -> _Signals:
        """Of tags given as (n, n_tags) float64 zeros and ones; none is on all photos or on none."""
        others = (tags.sum(axis=0) - tags) / (len(tags) - 1)
        near = self._votes @ tags.astype(np.float32) - others
        # Leaving one out in closed form, as in head.py, without the prior, which alone would order photos backwards.
        ones = self._residual(np.ones((len(tags), 1)))
        linear = tags - (self._residual(tags) - ones * others) / self._diagonal[:, None] - others
        return _Signals(_auc(near, tags), _auc(linear, tags), self._information(tags))

    def _residual(self, tags: Float64) -> Float64:
        """(K + penalty I)^-1 tags for K = space space^T, by Woodbury's identity."""
        result: Float64 = (tags - self._space @ (self._inverse @ (self._space.T @ tags))) / PENALTY
        return result

    def _information(self, tags: Float64) -> Float64:
        """Mutual information in nats of tag and cluster, over the photos that are in a cluster."""
        carry, size = self._members @ tags, self._members.sum(axis=1, keepdims=True)
        total = max(float(size.sum()), 1.0)
        result = np.zeros(tags.shape[1])
        for cells, margin in ((carry, carry.sum(axis=0)), (size - carry, size.sum() - carry.sum(axis=0))):
            expected = np.maximum(size * margin / total, 1e-12)
            result += (cells * np.log(np.maximum(cells, 1e-12) / expected)).sum(axis=0) / total
        return result


def _auc(scores: NDArray[np.floating], tags: Float64) -> Float64:
    """Mann and Whitney's estimate, (n_tags,); ties by row, which are shuffled."""
    order = np.ascontiguousarray(scores.T).argsort(axis=1, kind="stable")
    sorted_tags = np.take_along_axis(np.ascontiguousarray(tags.T), order, axis=1)
    carried = tags.sum(axis=0)
    ranks = sorted_tags @ np.arange(1.0, len(tags) + 1)
    result: Float64 = (ranks - carried * (carried + 1) / 2) / (carried * (len(tags) - carried))
    return result


def _grid(counts: NDArray[np.int_]) -> NDArray[np.int_]:
    """Counts that stand for all: themselves where they are few, else evenly spaced ratios."""
    distinct = np.unique(counts)
    if len(distinct) <= N_COUNTS:
        return distinct
    return np.unique(np.round(np.geomspace(distinct[0], distinct[-1], N_COUNTS)).astype(int))


def _dealt(n: int, size: int, random: np.random.Generator) -> Float64:
    """(n, N_PERMUTATIONS) float64: each column a tag on `size` photos drawn blindly."""
    tags = np.zeros((n, N_PERMUTATIONS))
    tags[:size] = 1.0
    return random.permuted(tags, axis=0)


def _judged(use: TagUse, found: Float64, blind: _Signals, fewer: int, n: int) -> TagUse:
    """The tag with its figures; empty where its signals together, in standard deviations, are within chance."""
    chance = blind.stacked()
    mean, deviation = chance.mean(axis=1), np.maximum(chance.std(axis=1), 1e-9)
    strength = float(((found - mean) / deviation).mean())
    reached = ((chance - mean[:, None]) / deviation[:, None]).mean(axis=0)
    p = (1 + int((reached >= strength).sum())) / (1 + N_PERMUTATIONS)
    share = fewer / n
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    told = (found[2] - mean[2]) / max(entropy - mean[2], 1e-9)
    gain = float(np.clip(found[1] - mean[1] + 0.5, 0, 1))
    enough = use.n_labelled >= MIN_LABELLED and fewer >= MIN_COUNT
    empty = enough and p > MAX_P and gain + _ONE_SIDED_95 * deviation[1] < MAX_GAIN
    reason = (
        f"on {use.count:,} of {use.n_labelled:,} labelled photos, in all clusters alike, "
        "and no better foretold by the picture than by chance"
    )
    spread = float(np.clip(1.0 - told, 0, 1))
    return TagUse(
        use.tag, use.count, use.n_labelled, round(spread, 4), round(gain, 4), round(p, 4), reason if empty else ""
    )


def _without_reason(use: TagUse) -> TagUse:
    return TagUse(use.tag, use.count, use.n_labelled, use.spread, use.gain, use.p)
