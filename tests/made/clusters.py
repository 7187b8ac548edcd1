"""Clusters for tests, from their labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustertags.types import UNCLUSTERED, Clusters


def clusters_of(labels: Sequence[int] | np.ndarray, parents: Sequence[Sequence[int]] = ()) -> Clusters:
    """`labels` from 0 on, -1 for none; `parents`: the groups of the clusters at each level.

    The first photo of a cluster is its medoid.
    """
    given = np.array(labels, np.int32)
    n_clusters = int(given.max(initial=UNCLUSTERED)) + 1
    return Clusters(
        given,
        (given != UNCLUSTERED).astype(np.float32),
        given == UNCLUSTERED,
        np.array([np.flatnonzero(given == cluster)[0] for cluster in range(n_clusters)], np.int32),
        np.ones(n_clusters, np.float32),
        np.array(parents, np.int32).reshape(len(parents), n_clusters),
    )
