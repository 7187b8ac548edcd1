"""Groups of similar clusters, on ever coarser levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.types import UNCLUSTERED, Float32, Int32

_FEWEST_CLUSTERS = 6  # fewer need no groups
_FEWEST_GROUPS = 2
_CLUSTERS_A_GROUP = (3, 9)  # at each level, on average


def coarser_levels(space: Float32, labels: Int32, n_clusters: int) -> Int32:
    """The group of each cluster at ever coarser levels: (n_levels, n_clusters) int32, each level a union of the last.

    `space`: (n_photos, n_components) float32 rows of unit length; `labels`: (n_photos,) int32, `UNCLUSTERED` or
    0 .. n_clusters-1. Average linkage of the clusters by the cosine of their centroids, each cluster counted once, so
    that a large one does not decide where its neighbours belong. The groups of a level are numbered by photos, most
    first, ties by their first cluster. Fewer than 6 clusters have no level above them.
    """
    counts = _group_counts(n_clusters)
    if not counts:
        return np.zeros((0, n_clusters), np.int32)
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415

    placed = labels != UNCLUSTERED
    sizes = np.bincount(labels[placed], minlength=n_clusters)
    columns, of_clusters = np.ascontiguousarray(space[placed].T, np.float64), labels[placed]
    # Column by column: the same sums as by `np.add.at`, many times as fast.
    sums = [np.bincount(of_clusters, column, minlength=n_clusters).astype(np.float64) for column in columns]
    centroids: NDArray[np.float64] = np.stack(sums, axis=1)
    centroids = centroids / np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-12)
    distances = np.maximum(1 - centroids @ centroids.T, 0)[np.triu_indices(n_clusters, 1)]
    tree = linkage(distances, method="average")
    return np.stack([numbered_by_size(_after(tree[: n_clusters - count], n_clusters), sizes) for count in counts])


def _group_counts(n_clusters: int) -> list[int]:
    """How many groups there are at each level, each count smaller than the last."""
    counts: list[int] = []
    for share in _CLUSTERS_A_GROUP if n_clusters >= _FEWEST_CLUSTERS else ():
        count = max(_FEWEST_GROUPS, round(n_clusters / share))
        if not counts or count < counts[-1]:
            counts.append(count)
    return counts


def _after(merges: NDArray[np.float64], n_clusters: int) -> NDArray[np.intp]:
    """(n_clusters,) the group of each cluster after the first `merges` of a linkage; equal heights merge in order."""
    members = [[cluster] for cluster in range(n_clusters)]
    groups = np.arange(n_clusters)
    for left, right in merges[:, :2].astype(np.intp).tolist():
        members.append(members[left] + members[right])
        groups[members[-1]] = len(members) - 1
    return groups


def numbered_by_size(groups: NDArray[np.integer], sizes: NDArray[np.intp] | None = None) -> Int32:
    """The groups of some items, (n_items,), numbered by the photos in them, most first, ties by the first item.

    `sizes`: (n_items,) photos of each item; without them each item is one photo.
    """
    ids, first, group_of = np.unique(groups, return_index=True, return_inverse=True)
    photos = np.bincount(group_of, weights=sizes)
    number = np.empty(len(ids), np.int32)
    number[np.lexsort((first, -photos))] = np.arange(len(ids), dtype=np.int32)
    return number[group_of]
