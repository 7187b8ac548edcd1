"""Layouts and clusterings of random samples of the photos, for the consensus."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.density import Cut, cut_tree, density_tree, take
from clustertags.clustering.levels import Hierarchy, cut_by_description, hierarchy, walk_among
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

    `photos`: (n_sampled,) indices; `levels` are of these alone, in their order: (n_sampled,) int32, the one level there
    is, where HDBSCAN's own rules cut the tree.
    """

    photos: NDArray[np.intp]
    levels: Hierarchy | Int32


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
    tree = density_tree(embedding, settings.min_samples_for(n))
    size = settings.min_cluster_size_for(n)
    if settings.selection != "auto":
        return SampleLayout(np.arange(n), _cut_by_hdbscan(tree, size, settings, settings.selection))
    if walked_photos(n) < n:
        walked = np.sort(np.random.default_rng(n).choice(n, walked_photos(n), replace=False))
        among = nearest(space[walked], space[walked], neighbours.indices.shape[1], exclude_self=True)
    else:
        walked, among = np.arange(n), neighbours
    return SampleLayout(np.arange(n), hierarchy(tree, neighbours, size, walk_among(walked, among)))


def sample_layout(space: Float32, settings: ClusteringSettings, *, number: int, seed: int) -> SampleLayout:
    """The embedding of a random sample of the photos; its seed and `n_neighbors` depend on `number`."""
    n = len(space)
    n_seen = min(max(3, round(_SHARE_SEEN * n)), walked_photos(n), n)
    photos = np.sort(np.random.default_rng([seed, number]).choice(n, n_seen, replace=False))
    part = space[photos]
    k = round((settings.neighbours_for(n) + 1) * _NEIGHBOURHOODS[number % len(_NEIGHBOURHOODS)])
    embedding = embed(part, replace(settings, n_neighbors=max(2, k)), seed=seed + number)
    tree = density_tree(embedding, settings.min_samples_for(n_seen))
    size = max(2, round(settings.min_cluster_size_for(n) * n_seen / n))
    if settings.selection != "auto":
        return SampleLayout(photos, _cut_by_hdbscan(tree, size, settings, settings.selection))
    neighbours = nearest(part, part, voters_for(n), exclude_self=True)
    walk = walk_among(np.arange(n_seen), neighbours)
    return SampleLayout(photos, hierarchy(tree, neighbours, size, walk))


def _cut_by_hdbscan(tree: Float64, size: int, settings: ClusteringSettings, method: Literal["eom", "leaf"]) -> Int32:
    return cut_tree(tree, Cut(size, settings.min_samples_for(len(tree) + 1), method)).labels


def run(look: SampleLayout, everyone: Neighbours, *, breadth: float = 1.0) -> Run:
    """Cut the layout's tree into clusters; other photos join by the vote of their sampled neighbours.

    `everyone`: the neighbours of all photos. `breadth`: of `cut_by_description`.
    """
    found = cut_by_description(look.levels, breadth) if isinstance(look.levels, Hierarchy) else look.levels
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
