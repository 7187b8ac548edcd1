"""HDBSCAN on the embedding, and the assignment of its noise by the vote of neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from clustertags.neighbours import vote
from clustertags.types import UNCLUSTERED, Float32, Float64, Int32, Neighbours

_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Cut:
    """One way of cutting HDBSCAN's tree into flat clusters.

    `min_cluster_size` and `min_samples` in photos; `method` "eom" or "leaf"; `largest` in photos, 0 for no limit.
    """

    min_cluster_size: int
    min_samples: int
    method: Literal["eom", "leaf"]
    largest: int = 0


@dataclass(frozen=True, slots=True)
class FlatClusters:
    """`labels`: (n_photos,) int32, `UNCLUSTERED` or 0 .. n-1; `probabilities`: (n_photos,) float32 in 0..1."""

    labels: Int32
    probabilities: Float32

    @property
    def n_clusters(self) -> int:
        return int(self.labels.max(initial=UNCLUSTERED)) + 1


def density_tree(embedding: Float32, min_samples: int) -> Float64:
    """HDBSCAN's single-linkage tree over mutual reachability (Campello, Moulavi, Sander 2013).

    `embedding`: (n_photos, n_components) float32, at least 3 rows. Returns (n_photos - 1, 4) float64, a merge a row
    in SciPy's format. Computing it is the costly part; one tree serves every cut with the same `min_samples`.
    """
    import hdbscan  # noqa: PLC0415

    model = hdbscan.HDBSCAN(min_samples=max(1, min(min_samples, len(embedding) - 1)), core_dist_n_jobs=1)
    model.fit(embedding.astype(np.float64))
    return np.asarray(model.single_linkage_tree_.to_numpy(), dtype=np.float64)


def cut_tree(tree: Float64, cut: Cut) -> FlatClusters:
    """The flat clusters of `tree` under `cut`; `tree` is that of `density_tree` for `cut.min_samples`."""
    n = len(tree) + 1
    if n < cut.min_cluster_size:
        return FlatClusters(np.full(n, UNCLUSTERED, np.int32), np.zeros(n, np.float32))
    from hdbscan.hdbscan_ import _tree_to_labels  # noqa: PLC0415

    labels, probabilities, *_ = _tree_to_labels(
        None,
        tree,
        min_cluster_size=cut.min_cluster_size,
        cluster_selection_method=cut.method,
        max_cluster_size=cut.largest,
    )
    return FlatClusters(np.asarray(labels, np.int32), np.nan_to_num(np.asarray(probabilities)).astype(np.float32))


def join_by_vote(labels: Int32, neighbours: Neighbours, *, require_lead: bool = True) -> Int32:
    """`labels` in which unclustered photos have joined the cluster that wins the vote of their neighbours.

    In rounds, as a photo that has joined votes in the next one; clustered photos keep their label. `require_lead`: see
    `neighbours.vote`. Returns (n_photos,) int32.
    """
    joined = labels.copy()
    n_clusters = int(labels.max(initial=UNCLUSTERED)) + 1
    for _ in range(_ROUNDS):
        unclustered = np.flatnonzero(joined == UNCLUSTERED)
        won = vote(take(neighbours, unclustered), joined, n_clusters, require_lead=require_lead).labels
        if (won == UNCLUSTERED).all():
            break
        joined[unclustered] = won
    return joined


def take(neighbours: Neighbours, photos: NDArray[Any]) -> Neighbours:
    return neighbours.take(photos)
