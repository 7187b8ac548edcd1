"""Several looks at the same photos, each with luck of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.assignment import nearest, vote
from clustertags.clustering.density import Cut, cut_tree, density_tree, take
from clustertags.clustering.levels import Walk, cut_by_description
from clustertags.clustering.reduction import embed
from clustertags.clustering.settings import ClusteringSettings, walked_photos
from clustertags.types import UNCLUSTERED, Bool, Float32, Float64, Int32, Neighbours

# Runs differ in their neighbourhood too, as no single one is right for broad and narrow kinds alike.
_NEIGHBOURHOODS = (1.0, 0.67, 2.0, 1.33)
_SHARE_SEEN = 0.9


@dataclass(frozen=True, slots=True)
class Look:
    """One layout of some of the photos, not yet cut into clusters.

    `photos`: (n_seen,) those it saw; `tree`, `neighbours` and `walk` are of these alone, in their order.
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
    what HDBSCAN left out of the photos it saw; `seen`: (n_photos,) bool, which it saw.
    """

    labels: Int32
    noise: Bool
    seen: Bool


def voters_for(n_photos: int) -> int:
    """How many neighbours vote and are walked to: 15; fewer in a set so small that 15 would be most of it."""
    return min(15, max(2, n_photos // 6))


def first_look(space: Float32, embedding: Float32, neighbours: Neighbours, settings: ClusteringSettings) -> Look:
    """At the embedding of all photos; in a large library the level is judged on a sample of them."""
    n = len(space)
    if walked_photos(n) < n:
        walked = np.sort(np.random.default_rng(n).choice(n, walked_photos(n), replace=False))
        walk = Walk(walked, nearest(space[walked], space[walked], neighbours.indices.shape[1], exclude_self=True))
    else:
        walk = Walk(np.arange(n), neighbours)
    tree = density_tree(embedding, settings.min_samples_for(n))
    return Look(np.arange(n), tree, neighbours, walk, settings.min_cluster_size_for(n))


def fresh_look(space: Float32, settings: ClusteringSettings, *, number: int, seed: int) -> Look:
    """At a random share of the photos, with a seed and neighbourhood that go with `number`."""
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
    return Look(photos, tree, neighbours, walk, size)


def run(look: Look, everyone: Neighbours, settings: ClusteringSettings, *, time: float = 1.0) -> Run:
    """Cut the look's tree into clusters; other photos join by the vote of those of their neighbours that it saw.

    `everyone`: the neighbours of all photos. `time` is that of `Walk`.
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
    out = labels == UNCLUSTERED
    labels[out] = vote(take(everyone, np.flatnonzero(out)), labels, n_clusters, clearly=False).labels
    return Run(labels, noise, seen)
