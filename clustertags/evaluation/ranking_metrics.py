"""Metrics of a ranking of tags, photo by photo, so that photos can be resampled.

The means over photos are those of scikit-learn's `label_ranking_average_precision_score`, `ndcg_score`,
`coverage_error` and `top_k_accuracy_score`, which give one number for all photos; tests compare them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.evaluation.intervals import Bootstrap
from clustertags.tagging.top_tags import ranked
from clustertags.types import Bool, Float32, Float64


@dataclass(frozen=True, slots=True)
class Ranking:
    """Each photo's tags by falling score, equal scores by the lower column.

    `order`: (n, n_tags) intp, columns best first; `hits`: (n, n_tags) bool in that order. `above` and `down_to`:
    (n, n_tags) intp, how many scores are higher than the one at this rank, and how many are at least as high.
    """

    order: NDArray[np.intp]
    hits: Bool
    above: NDArray[np.intp]
    down_to: NDArray[np.intp]

    def precision(self, k: int) -> Float64:
        """(n,) P@K = correct tags among the top K over tags among the top K (HARRISON, Park, Li and Kim 2016)."""
        return np.asarray(self.hits[:, :k].mean(axis=1), np.float64)

    def recall(self, k: int) -> Float64:
        """(n,) R@K = correct tags among the top K over all true tags (HARRISON)."""
        return np.asarray(self.hits[:, :k].sum(axis=1) / self.hits.sum(axis=1), np.float64)

    def accuracy(self, k: int) -> Float64:
        """(n,) A@K = 1 where any of the top K is correct (HARRISON); top-K accuracy where a photo has one tag."""
        return np.asarray(self.hits[:, :k].any(axis=1), np.float64)

    def average_precision(self) -> Float64:
        """(n,) average precision of a photo's ranking, equal scores at the last of their ranks; the mean is MiAP."""
        found = np.take_along_axis(self.hits.cumsum(axis=1), self.down_to - 1, axis=1)
        return np.asarray((self.hits * found / self.down_to).sum(axis=1) / self.hits.sum(axis=1), np.float64)

    def ndcg(self) -> Float64:
        """(n,) normalised discounted cumulative gain, discounts averaged over equal scores (McSherry, Najork 2008)."""
        discounts = 1 / np.log2(np.arange(self.hits.shape[1]) + 2)
        up_to = np.append(0.0, discounts.cumsum())
        mean_discount = (up_to[self.down_to] - up_to[self.above]) / (self.down_to - self.above)
        return np.asarray((self.hits * mean_discount).sum(axis=1) / up_to[self.hits.sum(axis=1)], np.float64)

    def depth(self) -> Float64:
        """(n,) rank from 1 at which all true tags are found; the mean is the coverage error."""
        return np.asarray((self.hits * self.down_to).max(axis=1), np.float64)


def rank(truth: Bool, scores: Float32) -> Ranking:
    """Rank (n, n_tags) scores; every photo must have a true tag."""
    order = ranked(scores)
    ordered = np.take_along_axis(scores, order, axis=1)
    n, n_tags = scores.shape
    places = np.broadcast_to(np.arange(n_tags), (n, n_tags))
    fresh = np.ones((n, n_tags), bool)
    fresh[:, 1:] = ordered[:, 1:] < ordered[:, :-1]
    above = np.maximum.accumulate(np.where(fresh, places, 0), axis=1)
    last = np.ones((n, n_tags), bool)
    last[:, :-1] = fresh[:, 1:]
    ends = np.where(last, places + 1, n_tags)[:, ::-1]
    down_to = np.minimum.accumulate(ends, axis=1)[:, ::-1]
    return Ranking(order, np.take_along_axis(truth, order, axis=1), above, down_to)


def drawn_average_precision(truth: Bool, scores: Float32, bootstrap: Bootstrap) -> Float64:
    """(n_draws,) mean over tags of the average precision over photos, in each draw.

    A tag that no photo of a draw has is not counted in it. Like `average_precision_score`, which takes one set of
    weights at a time: the sum over distinct scores of the gain in recall times the precision there.
    """
    total = np.zeros(len(bootstrap.counts))
    n_counted = np.zeros(len(bootstrap.counts))
    for tag in np.flatnonzero(truth.any(axis=0)):
        order = np.argsort(-scores[:, tag], kind="stable")
        correct, falling = truth[order, tag], -scores[order, tag]
        # Runs of photos end where the score changes after a correct one: nothing between adds to the recall.
        ends = np.unique(np.searchsorted(falling, falling[correct], side="right"))
        starts = np.append(0, ends[:-1])
        drawn = bootstrap.counts[:, order[: ends[-1]]].astype(np.int32)
        n_seen = np.add.reduceat(drawn, starts, axis=1).cumsum(axis=1)
        gained = np.add.reduceat(drawn * correct[: ends[-1]], starts, axis=1)
        n_correct = gained.cumsum(axis=1)
        n_true = n_correct[:, -1]
        summed = (gained * n_correct / np.maximum(n_seen, 1)).sum(axis=1)
        total += np.where(n_true > 0, summed / np.maximum(n_true, 1), 0)
        n_counted += n_true > 0
    return np.asarray(total[n_counted > 0] / n_counted[n_counted > 0])


def list_diversity(truth: Bool, order: NDArray[np.intp], k: int) -> Float64 | None:
    """(n,) how different the top K tags of each photo are: 1 less the mean cosine between two tags of the list, a tag
    being the column of photos that have it (intra-list similarity, Ziegler et al. 2005). None for lists of one tag.
    """
    k = min(k, order.shape[1])
    if k < 2:
        return None
    columns = truth.astype(np.float64)
    columns /= np.maximum(np.linalg.norm(columns, axis=0), 1e-12)
    similar = columns.T @ columns
    np.fill_diagonal(similar, 0)
    lists = order[:, :k]
    summed = np.zeros(len(lists))
    for at in range(k):
        summed += similar[lists[:, at, None], lists].sum(axis=1)
    return np.asarray(1 - summed / (k * (k - 1)))
