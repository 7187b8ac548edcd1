"""Nearest-neighbour search, and the assignment of photos to clusters by a vote of their nearest fitted photos.

NumPy alone: `clustertags tag` imports this module and must start fast. The search is exact, and its result for a photo
does not depend on the other photos of the call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.types import UNCLUSTERED, Assignment, Clusters, Float32, Int32, Neighbours

N_VOTERS = 15
"""How many nearest fitted photos vote on a photo's cluster, and spread their tags to it."""

_CHUNK_BYTES = 24 << 20
_REFINE_PAIRS = 1 << 17
# A float32 product of two unit vectors errs by about 1e-6, so candidates within this margin of the k-th are compared in
# float64.
_MARGIN = np.float32(8e-6)
# Similarities are compared after rounding to this many decimals. Smaller differences are rounding errors, which depend
# on the number of photos multiplied at once and on the processor.
_DECIMALS = 6

# Votes are weighted by the similarity to this power. With 1, fifteen neighbours outvote a cluster of five, and 5 % of
# the fitted photos are not assigned to their own cluster; with 4, 0.3 % are not, and fewer new ones stay unclustered.
VOTE_POWER = 4

# A photo joins a cluster that has at least this share of the vote and this many times the votes of the next cluster.
_LEAST_SHARE = 0.3
_LEAST_LEAD = 1.1


def nearest(space: Float32, queries: Float32, k: int, *, exclude_self: bool = False) -> Neighbours:
    """The `k` rows of `space` with the highest cosine to each query, nearest first; on ties the lower index first.

    `space`: (n_photos, n_components) float32 and `queries`: (n_queries, n_components) float32, rows of unit length.
    Returns (n_queries, min(k, rows there are)) indices and similarities, these rounded to 6 decimals. With
    `exclude_self`, `queries` is `space` and no row is its own neighbour. Memory does not grow with the queries.
    """
    n = len(space)
    k = max(0, min(k, n - 1 if exclude_self else n))
    indices = np.empty((len(queries), k), np.int32)
    similarities = np.empty((len(queries), k), np.float32)
    rows = max(1, _CHUNK_BYTES // (4 * max(n, 1)))
    for start in range(0, len(queries) if k else 0, rows):
        chunk = slice(start, min(start + rows, len(queries)))
        product = queries[chunk] @ space.T
        if exclude_self:
            product[np.arange(len(product)), np.arange(chunk.start, chunk.stop)] = -np.inf
        query_rows, columns = _candidates(product, k)
        exact = _exact(queries[chunk], space, query_rows, columns)
        order = np.lexsort((columns, -exact, query_rows))
        first = np.searchsorted(query_rows, np.arange(len(product)))  # rows come in ascending order
        best = order[first[:, None] + np.arange(k)]
        indices[chunk] = columns[best]
        similarities[chunk] = exact[best]
    return Neighbours(indices, similarities)


def _candidates(product: Float32, k: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of every entry that can be among the `k` largest of its row, rows ascending.

    The k-th largest of the maxima over disjoint groups of columns never exceeds the k-th largest of all, and is far
    cheaper to find: with groups of 16 columns about k entries a row pass it.
    """
    n = product.shape[1]
    n_groups = n // 16
    if n_groups >= 4 * k:
        grouped = product[:, : 16 * n_groups].reshape(len(product), 16, n_groups).max(axis=1)
        threshold = np.partition(grouped, n_groups - k, axis=1)[:, n_groups - k]
    else:
        threshold = np.partition(product, n - k, axis=1)[:, n - k]
    flat = np.flatnonzero(product >= (threshold - _MARGIN)[:, None])
    return flat // n, flat % n


def _exact(queries: Float32, space: Float32, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[Any]:
    """Cosines of the pairs, summed in float64 row by row and rounded: (n_pairs,) float64."""
    exact = np.empty(len(rows))
    for start in range(0, len(rows), _REFINE_PAIRS):
        pairs = slice(start, start + _REFINE_PAIRS)
        left = queries[rows[pairs]].astype(np.float64)
        exact[pairs] = np.einsum("ij,ij->i", left, space[columns[pairs]].astype(np.float64))
    return np.round(exact, _DECIMALS)


def cluster_vote_shares(neighbours: Neighbours, labels: Int32, n_clusters: int) -> NDArray[np.float64]:
    """Each cluster's share of the neighbours' votes: (n_queries, n_clusters) float64, rows summing to at most 1.

    A neighbour's vote is its cosine to the fourth power, 0 where that is negative. The rest of 1 is the share of
    unclustered neighbours.
    """
    votes = np.maximum(neighbours.similarities.astype(np.float64), 0) ** VOTE_POWER
    total = np.maximum(votes.sum(axis=1, keepdims=True), 1e-12)
    voted = labels[neighbours.indices]
    n = len(voted)
    cells = np.where(voted == UNCLUSTERED, n_clusters, voted) + (n_clusters + 1) * np.arange(n)[:, None]
    shares = np.bincount(cells.ravel(), (votes / total).ravel(), minlength=n * (n_clusters + 1))
    return np.asarray(shares.reshape(n, n_clusters + 1)[:, :n_clusters], np.float64)


def assign(neighbours: Neighbours, clusters: Clusters) -> Assignment:
    """The cluster that wins the vote of the nearest fitted photos, weighted by similarity; 15 voters work well.

    A winner needs 0.3 of all votes, including those of unclustered neighbours, and 1.1 times the votes of the next
    cluster; else the label is `UNCLUSTERED`. The score is the winner's share, 0 where there is none.
    """
    return vote(neighbours, clusters.labels, clusters.n_clusters)


def vote(neighbours: Neighbours, labels: Int32, n_clusters: int, *, require_lead: bool = True) -> Assignment:
    """`assign` for plain labels: (n_photos,) int32, `UNCLUSTERED` or 0 .. n_clusters-1.

    Without `require_lead` the cluster with the most votes wins, and only queries without a clustered neighbour stay
    unclustered.
    """
    n, k = neighbours.indices.shape
    winners = np.full(n, UNCLUSTERED, np.int32)
    scores = np.zeros(n, np.float32)
    if n_clusters == 0 or k == 0:
        return Assignment(winners, scores)
    rows = max(1, _CHUNK_BYTES // (32 * (n_clusters + k)))
    for start in range(0, n, rows):
        chunk = slice(start, start + rows)
        part = neighbours.take(chunk)
        shares = np.round(cluster_vote_shares(part, labels, n_clusters), _DECIMALS)
        winner = shares.argmax(axis=1)
        share = shares[np.arange(len(shares)), winner]
        shares[np.arange(len(shares)), winner] = 0
        least, lead = (_LEAST_SHARE, _LEAST_LEAD) if require_lead else (1e-6, 1.0)
        won = (share >= least) & (share >= lead * shares.max(axis=1))
        winners[chunk] = np.where(won, winner, UNCLUSTERED)
        scores[chunk] = np.where(won, share, 0)
    return Assignment(winners, scores)
