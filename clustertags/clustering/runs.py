"""Layouts and clusterings of random samples of the photos, for the consensus."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.density import Cut, cut_tree, density_tree, take
from clustertags.clustering.levels import Walk, cut_by_description
from clustertags.clustering.reduction import embed
from clustertags.clustering.settings import ClusteringSettings, walked_photos
from clustertags.neighbours import nearest, vote
from clustertags.types import UNCLUSTERED, Bool, Float32, Float64, Int32, Neighbours

# Runs differ in `n_neighbors` too, as no single value suits both broad and narrow kinds.
_NEIGHBOURHOODS = (1.0, 0.67, 2.0, 1.33)
_SHARE_SEEN = 0.9


@dataclass(frozen=True, slots=True)
class SampleLayout:
    """The layout of a sample of the photos, not yet cut into clusters.

    `photos`: (n_sampled,) indices; `tree`, `neighbours` and `walk` are of these alone, in their order.
    """

    photos: NDArray[np.intp]
    tree: Float64
    neighbours: Neighbours
    walk: Walk
    min_cluster_size: int


@dataclass(frozen=True, slots=True)
class Run:
    """One clustering of all photos.

    `labels`: (n_photos,) int32; every photo with a clustered neighbour is in a cluster. `noise`: (n_photos,) bool,
    HDBSCAN's noise among the sampled photos; `seen`: (n_photos,) bool, the sampled photos.
    """

    labels: Int32
    noise: Bool
    seen: Bool


def voters_for(n_photos: int) -> int:
    """How many neighbours vote, and are linked in the walk: 15; fewer where 15 would be most of the photos."""
    return min(15, max(2, n_photos // 6))


def full_layout(
    space: Float32, embedding: Float32, neighbours: Neighbours, settings: ClusteringSettings
) -> SampleLayout:
    """The embedding of all photos; the walk of a large library is on a sample of them."""
    n = len(space)
    if walked_photos(n) < n:
        walked = np.sort(np.random.default_rng(n).choice(n, walked_photos(n), replace=False))
        walk = Walk(walked, nearest(space[walked], space[walked], neighbours.indices.shape[1], exclude_self=True))
    else:
        walk = Walk(np.arange(n), neighbours)
    tree = density_tree(embedding, settings.min_samples_for(n))
    return SampleLayout(np.arange(n), tree, neighbours, walk, settings.min_cluster_size_for(n))


def sample_layout(space: Float32, settings: ClusteringSettings, *, number: int, seed: int) -> SampleLayout:
    """The embedding of a random sample of the photos; its seed and `n_neighbors` depend on `number`."""
    n = len(space)
    n_seen = min(max(3, round(_SHARE_SEEN * n)), walked_photos(n), n)
    photos = np.sort(np.random.default_rng([seed, number]).choice(n, n_seen, replace=False))
    part = space[photos]
    k = round((settings.neighbours_for(n) + 1) * _NEIGHBOURHOODS[number % len(_NEIGHBOURHOODS)])
    embedding = embed(part, replace(settings, n_neighbors=max(2, k)), seed=seed + number)
    tree = density_tree(embedding, settings.min_samples_for(n_seen))
    neighbours = nearest(part, part, voters_for(n), exclude_self=True)
    walk = Walk(np.arange(n_seen), neighbours)
    size = max(2, round(settings.min_cluster_size_for(n) * n_seen / n))
    return SampleLayout(photos, tree, neighbours, walk, size)


def run(look: SampleLayout, everyone: Neighbours, settings: ClusteringSettings, *, time: float = 1.0) -> Run:
    """Cut the layout's tree into clusters; other photos join by the vote of their sampled neighbours.

    `everyone`: the neighbours of all photos. `time`: of `Walk`.
    """
    if settings.selection == "auto":
        walk = replace(look.walk, time=time)
        found = cut_by_description(look.tree, look.neighbours, look.min_cluster_size, walk)
    else:
        cut = Cut(look.min_cluster_size, settings.min_samples_for(len(look.photos)), settings.selection)
        found = cut_tree(look.tree, cut).labels
    placed = found != UNCLUSTERED
    n_clusters = int(found.max(initial=UNCLUSTERED)) + 1
    n = len(everyone.indices)
    labels, noise, seen = np.full(n, UNCLUSTERED, np.int32), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    labels[look.photos] = found
    seen[look.photos] = True
    noise[look.photos[~placed]] = True
    unclustered = labels == UNCLUSTERED
    labels[unclustered] = vote(
        take(everyone, np.flatnonzero(unclustered)), labels, n_clusters, require_lead=False
    ).labels
    return Run(labels, noise, seen)
