"""Several looks at the same photos, each with luck of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clustertags.clustering.assignment import nearest, vote
from clustertags.clustering.density import Cut, cut_tree, density_tree
from clustertags.clustering.levels import Walk, cut_by_description
from clustertags.clustering.reduction import embed
from clustertags.clustering.settings import ClusteringSettings, walked_photos
from clustertags.types import UNCLUSTERED, Bool, Float32, Int32, Neighbours

# Runs differ in their neighbourhood too, as no single one is right for broad and narrow kinds alike.
_NEIGHBOURHOODS = (1.0, 0.67, 2.0, 1.33)
_SHARE_SEEN = 0.9


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


def first_run(space: Float32, embedding: Float32, neighbours: Neighbours, settings: ClusteringSettings) -> Run:
    """The run on the embedding of all photos; in a large library the level is judged on a sample of them."""
    n = len(space)
    if walked_photos(n) < n:
        photos = np.sort(np.random.default_rng(n).choice(n, walked_photos(n), replace=False))
        walk = Walk(photos, nearest(space[photos], space[photos], neighbours.indices.shape[1], exclude_self=True))
    else:
        walk = Walk(np.arange(n), neighbours)
    found = _cut(embedding, neighbours, settings, settings.min_cluster_size_for(n), walk)
    n_clusters = int(found.max(initial=UNCLUSTERED)) + 1
    labels = np.where(found == UNCLUSTERED, vote(neighbours, found, n_clusters, clearly=False).labels, found)
    return Run(labels.astype(np.int32), found == UNCLUSTERED, np.ones(n, np.bool_))


def fresh_run(space: Float32, settings: ClusteringSettings, *, number: int, seed: int) -> Run:
    """Lay out and cluster a random share of the photos with a seed and neighbourhood that go with `number`."""
    n = len(space)
    n_seen = min(max(3, round(_SHARE_SEEN * n)), walked_photos(n), n)
    photos = np.sort(np.random.default_rng([seed, number]).choice(n, n_seen, replace=False))
    part = space[photos]
    k = round((settings.neighbours_for(n) + 1) * _NEIGHBOURHOODS[number % len(_NEIGHBOURHOODS)])
    embedding = embed(part, replace(settings, n_neighbors=max(2, k)), seed=seed + number).positions
    neighbours = nearest(part, part, voters_for(n), exclude_self=True)
    min_cluster_size = max(2, round(settings.min_cluster_size_for(n) * n_seen / n))
    found = _cut(embedding, neighbours, settings, min_cluster_size, Walk(np.arange(n_seen), neighbours))
    n_clusters = int(found.max(initial=UNCLUSTERED)) + 1
    labels = vote(nearest(part, space, voters_for(n) + 1), found, n_clusters, clearly=False).labels.copy()
    placed = found != UNCLUSTERED
    labels[photos[placed]] = found[placed]
    seen, noise = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    seen[photos] = True
    noise[photos[~placed]] = True
    return Run(labels, noise, seen)


def _cut(
    embedding: Float32, neighbours: Neighbours, settings: ClusteringSettings, min_cluster_size: int, walk: Walk
) -> Int32:
    min_samples = settings.min_samples_for(len(embedding))
    tree = density_tree(embedding, min_samples)
    if settings.selection == "auto":
        return cut_by_description(tree, neighbours, min_cluster_size, walk)
    return cut_tree(tree, Cut(min_cluster_size, min_samples, settings.selection)).labels
