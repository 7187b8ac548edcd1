"""Representative photos of a cluster: its medoid, and others that are typical but diverse. NumPy alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Clusters, Float32

_DECIMALS = 6  # smaller differences are rounding errors


def closeness(space: Float32, members: NDArray[Any]) -> NDArray[np.float64]:
    """Mean cosine of each member to all members: (n_members,) float64, rounded to 6 decimals.

    As rows have unit length, the mean cosine to all is the product with the members' mean, so that the photo with
    the highest is the medoid, without the table of all pairs.
    """
    rows = space[members].astype(np.float64)
    mean_cosine: NDArray[np.float64] = np.einsum("ij,j->i", rows, rows.mean(axis=0))
    return np.round(mean_cosine, _DECIMALS)


def nearest_mean(space: Float32, photos: NDArray[Any], groups: Sequence[NDArray[Any]]) -> NDArray[np.intp]:
    """The group whose mean each of `photos` is nearest to: (n_photos,) intp, a place in `groups`."""
    means = np.stack([space[group].mean(axis=0, dtype=np.float64) for group in groups])
    return np.asarray((space[photos] @ means.T).argmax(axis=1), np.intp)


def by_closeness(clusters: Clusters, space: Float32, cluster: int) -> NDArray[np.intp]:
    """The cluster's photos by falling `closeness`: (n_members,) intp; the medoid is first."""
    members = clusters.members(cluster)
    return members[np.argsort(-closeness(space, members), kind="stable")]


def representatives(clusters: Clusters, space: Float32, cluster: int, count: int) -> NDArray[np.intp]:
    """At most `count` representative photos: (n,) intp, the medoid first.

    The others are selected from the closer three quarters of the cluster, each the least similar to those before it
    (farthest-first traversal, Gonzalez 1985), so that a burst of one scene does not fill the mosaic.
    """
    ordered = by_closeness(clusters, space, cluster)
    typical = ordered[: max(count, -(-3 * len(ordered) // 4))]
    chosen: list[int] = []
    rows = space[typical].astype(np.float64)
    similarity = np.full(len(typical), -np.inf)
    candidate = 0
    for _ in range(min(count, len(typical))):
        chosen.append(candidate)
        similarity = np.maximum(similarity, np.round(np.einsum("ij,j->i", rows, rows[candidate]), _DECIMALS))
        similarity[candidate] = np.inf
        candidate = int(similarity.argmin())
    return typical[chosen]
