"""Detect tags that carry no information about the picture (`likeforlike`, `tbt`) by their use, not by a list of words.

A tag that names something visible is more frequent in some clusters, and can be predicted from photos that look alike.
Three statistics of that are computed on the labelled photos: the mutual information of tag and cluster, and the area
under the ROC curve (AUC) of two leave-one-out predictions, one by the nearest labelled photos and one by ridge
regression. Each is compared with those of permuted tags of the same count (a permutation test). A tag is called
uninformative only where all three together are within chance, and where enough photos carry it and lack it for the test
to have power.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.normalisation import normalise_tag
from clustertags.types import UNCLUSTERED, Float32, Float64, Int32, SeedTags

MIN_LABELLED = 60
"""With fewer labelled photos no tag is called uninformative."""
MIN_COUNT = 20
"""With fewer photos that carry the tag, or that lack it, it is not judged."""
MEASURED_COUNT = 5
MAX_P = 0.1
"""The significance level of the permutation test."""
MAX_AUC = 0.7
"""A tag whose confidence interval of the AUC reaches this is not judged: it could be weakly informative."""
TESTED_PHOTOS = 1500
N_PERMUTATIONS = 200
N_COUNTS = 8
VOTE_POWER = 8
PENALTY = 3.0
_ONE_SIDED_95 = 1.645


@dataclass(frozen=True, slots=True)
class TagUse:
    """How one tag is used. `count` of the `n_labelled` labelled photos carry it.

    `spread`: 1 where it is equally frequent in all clusters, 0 where the cluster determines it. `auc`: in 0..1, of
    predicting it from the picture, 0.5 by chance. `p_value`: the share of permuted tags with statistics as high. All
    three are None where fewer than `MEASURED_COUNT` photos carry the tag or lack it. `reason`: why it is uninformative,
    else "".
    """

    tag: str
    count: int
    n_labelled: int
    spread: float | None = None
    auc: float | None = None
    p_value: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Statistics:
    """One number a tag (n_tags,): AUC by the nearest photos and by regression, mutual information in nats."""

    near: Float64
    linear: Float64
    information: Float64

    def stacked(self) -> Float64:
        return np.stack([self.near, self.linear, self.information])


def measure_tag_use(
    space: Float32, labels: Int32, seed_tags: SeedTags, *, kept: Collection[str] = (), random_state: int = 0
) -> tuple[TagUse, ...]:
    """Measure every tag of `seed_tags.vocabulary`, in its order.

    `space`: (n_labelled, n_components) float32, the labelled photos in the PCA space, rows of unit length; `labels`:
    (n_labelled,) int32, their clusters. Tags in `kept` (as `normalise_tag` spells them) are measured and never called
    uninformative. Only photos that are labelled in full are tested. `random_state` seeds the permutations, and the
    sample of more than `TESTED_PHOTOS` photos.
    """
    n, counts = seed_tags.n_labelled, seed_tags.matrix.sum(axis=0)
    random = np.random.default_rng(random_state)
    full = np.flatnonzero(seed_tags.in_full)
    rows = full[random.permutation(len(full))[:TESTED_PHOTOS]]  # shuffled, so that ties are broken at random
    matrix = seed_tags.matrix[rows].astype(np.float64)
    carried = matrix.sum(axis=0)
    fewer = np.minimum(carried, len(rows) - carried).astype(int)
    uses = [TagUse(tag, int(count), n) for tag, count in zip(seed_tags.vocabulary, counts, strict=True)]
    measured = np.flatnonzero(fewer >= MEASURED_COUNT)
    if not len(measured):
        return tuple(uses)
    measure = _Measure(space[rows].astype(np.float64), labels[rows])
    statistics = measure.statistics(matrix[:, measured]).stacked()
    grid = _grid(fewer[measured])
    nearest = np.abs(np.log(fewer[measured])[:, None] - np.log(grid)).argmin(axis=1)
    for at, size in enumerate(grid):
        permuted = measure.statistics(_permuted(len(rows), int(size), random))
        for i in np.flatnonzero(nearest == at):
            use = _judged(uses[measured[i]], statistics[:, i], permuted, int(fewer[measured[i]]), len(rows))
            uses[measured[i]] = replace(use, reason="") if normalise_tag(use.tag) in kept else use
    return tuple(uses)


class _Measure:
    """What the statistics of all tags share; `space` (n, n_components) float64, `labels` (n,)."""

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

    def statistics(self, tags: Float64) -> _Statistics:
        """Of tags, (n, n_tags) float64 zeros and ones, each on some photos but not on all."""
        others = (tags.sum(axis=0) - tags) / (len(tags) - 1)
        near = self._votes @ tags.astype(np.float32) - others
        # Leave-one-out in closed form, as in head.py, less the prior, which by itself ranks photos in reverse.
        ones = self._residual(np.ones((len(tags), 1)))
        linear = tags - (self._residual(tags) - ones * others) / self._diagonal[:, None] - others
        return _Statistics(_auc(near, tags), _auc(linear, tags), self._information(tags))

    def _residual(self, tags: Float64) -> Float64:
        """(K + penalty I)^-1 tags for K = space space^T, by Woodbury's identity."""
        result: Float64 = (tags - self._space @ (self._inverse @ (self._space.T @ tags))) / PENALTY
        return result

    def _information(self, tags: Float64) -> Float64:
        """Mutual information in nats of tag and cluster, over the clustered photos."""
        carry, size = self._members @ tags, self._members.sum(axis=1, keepdims=True)
        total = max(float(size.sum()), 1.0)
        result = np.zeros(tags.shape[1])
        for cells, margin in ((carry, carry.sum(axis=0)), (size - carry, size.sum() - carry.sum(axis=0))):
            expected = np.maximum(size * margin / total, 1e-12)
            result += (cells * np.log(np.maximum(cells, 1e-12) / expected)).sum(axis=0) / total
        return result


def _auc(scores: NDArray[np.floating], tags: Float64) -> Float64:
    """Mann and Whitney's estimate, (n_tags,); ties by row, and rows are shuffled."""
    order = np.ascontiguousarray(scores.T).argsort(axis=1, kind="stable")
    sorted_tags = np.take_along_axis(np.ascontiguousarray(tags.T), order, axis=1)
    carried = tags.sum(axis=0)
    ranks = sorted_tags @ np.arange(1.0, len(tags) + 1)
    result: Float64 = (ranks - carried * (carried + 1) / 2) / (carried * (len(tags) - carried))
    return result


def _grid(counts: NDArray[np.int_]) -> NDArray[np.int_]:
    """The counts to permute tags of: all distinct ones where they are few, else a geometric sequence."""
    distinct = np.unique(counts)
    if len(distinct) <= N_COUNTS:
        return distinct
    return np.unique(np.round(np.geomspace(distinct[0], distinct[-1], N_COUNTS)).astype(int))


def _permuted(n: int, size: int, random: np.random.Generator) -> Float64:
    """(n, N_PERMUTATIONS) float64: each column a tag on `size` random photos."""
    tags = np.zeros((n, N_PERMUTATIONS))
    tags[:size] = 1.0
    return random.permuted(tags, axis=0)


def _judged(use: TagUse, statistics: Float64, permuted: _Statistics, fewer: int, n: int) -> TagUse:
    """The tag with its figures; uninformative where the mean of its standardised statistics is within chance."""
    chance = permuted.stacked()
    mean, deviation = chance.mean(axis=1), np.maximum(chance.std(axis=1), 1e-9)
    statistic = float(((statistics - mean) / deviation).mean())
    by_chance = ((chance - mean[:, None]) / deviation[:, None]).mean(axis=0)
    p_value = (1 + int((by_chance >= statistic).sum())) / (1 + N_PERMUTATIONS)
    share = fewer / n
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    explained = (statistics[2] - mean[2]) / max(entropy - mean[2], 1e-9)
    auc = float(np.clip(statistics[1] - mean[1] + 0.5, 0, 1))
    testable = n >= MIN_LABELLED and fewer >= MIN_COUNT
    uninformative = testable and p_value > MAX_P and auc + _ONE_SIDED_95 * deviation[1] < MAX_AUC
    reason = (
        f"on {use.count:,} of {use.n_labelled:,} labelled photos, in all clusters alike, "
        "and predicted from the picture no better than by chance"
    )
    spread = float(np.clip(1.0 - explained, 0, 1))
    return replace(
        use,
        spread=round(spread, 4),
        auc=round(auc, 4),
        p_value=round(p_value, 4),
        reason=reason if uninformative else "",
    )
