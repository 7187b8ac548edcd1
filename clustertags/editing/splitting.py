"""Split a cluster by clustering its photos alone."""

from __future__ import annotations

import numpy as np

from clustertags.clustering.grouping import numbered_by_size
from clustertags.clustering.principal import fit_projection
from clustertags.clustering.reduction import embed
from clustertags.clustering.representatives import nearest_mean
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.errors import UsageError
from clustertags.types import UNCLUSTERED, Float32, Int32, Progress, Reduction, no_progress

# Below this UMAP and HDBSCAN have too few photos, and k-means decides.
FEWEST_CLUSTERED = 16
_ALIKE = 1e-4  # unit vectors that differ less are the same picture


def split_photos(
    space: Float32, *, n_parts: int | None = None, seed: int = 0, progress: Progress = no_progress
) -> Int32:
    """The part of each photo of a cluster: (n_photos,) int32 from 0, the largest part first, two parts or more.

    `space`: (n_photos, n_components) float32, rows of unit length. The photos are centred on their own mean, which
    removes what they share, then laid out and clustered like a whole library; unclustered photos join the part whose
    mean is nearest. If that finds one part only, for fewer than 16 photos, or with `n_parts`, k-means decides (two
    parts by default). Raises `UsageError` if no split is possible.
    """
    n = len(space)
    wanted = 2 if n_parts is None else n_parts
    if n < wanted or wanted < 2:
        raise UsageError(
            f"{n:,} photos cannot be split into {wanted:,} parts: ask for 2 to as many as there are photos"
        )
    if n < 2 or float(np.ptp(space, axis=0).max()) < _ALIKE:
        raise UsageError("these photos are all alike and cannot be told apart: move some of them by hand")
    own = fit_projection(space, min(space.shape[1], 32))
    labels = np.zeros(n, np.int32)
    if n_parts is None and n >= FEWEST_CLUSTERED:
        settings = ClusteringSettings()
        embedding = embed(own.space, settings, seed=seed)
        plane = np.zeros((n, 2), np.float32)  # the map is not looked at
        reduction = Reduction(own.projection, own.space, embedding, plane)
        labels = cluster_photos(reduction, settings, seed=seed, progress=progress).labels
    if int(labels.max()) < 1:
        labels = _k_means(own.space, wanted, seed)
    return _all_placed(labels, own.space)


def _k_means(space: Float32, n_parts: int, seed: int) -> Int32:
    from sklearn.cluster import KMeans  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415

    # One thread, as sums split among threads are rounded in another order.
    with threadpool_limits(1):
        found = KMeans(n_parts, n_init=10, random_state=seed).fit_predict(space)
    if len(np.unique(found)) < n_parts:
        raise UsageError(f"these photos do not fall into {n_parts:,} parts: ask for fewer")
    return np.asarray(found, np.int32)


def _all_placed(labels: Int32, space: Float32) -> Int32:
    """The labels with every photo in the part whose mean is nearest, numbered by size, ties by the first photo."""
    parts = [np.flatnonzero(labels == part) for part in range(int(labels.max()) + 1)]
    out = np.flatnonzero(labels == UNCLUSTERED)
    placed = labels.copy()
    placed[out] = nearest_mean(space, out, parts)
    return numbered_by_size(placed)
