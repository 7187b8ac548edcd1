"""Which flat clustering of the photos to show: the one that holds up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.assignment import nearest
from clustertags.clustering.consensus import agreed_groups, firmness, stability
from clustertags.clustering.density import join_by_vote
from clustertags.clustering.representatives import closeness
from clustertags.clustering.runs import Run, first_run, fresh_run, voters_for
from clustertags.clustering.settings import ClusteringSettings
from clustertags.errors import PhotosError
from clustertags.types import (
    UNCLUSTERED,
    Bool,
    Clusters,
    Float32,
    Int32,
    Progress,
    Reduction,
    SeedTags,
    no_progress,
)

_LEAST_AGREEMENT = 0.5  # photos are together where most runs say so
_IDENTICAL = 1e-4  # vectors of unit length that differ less are one picture


def cluster_photos(
    reduction: Reduction,
    settings: ClusteringSettings,
    *,
    seed: int,
    seeds: SeedTags | None = None,
    progress: Progress = no_progress,
) -> Clusters:
    """The clusters that `settings.n_runs` runs agree on, numbered by size, ties by medoid.

    Photos that are in no group joined by most runs, or in one too small, join by the vote of their neighbours, or
    stay unclustered where the vote is not clear. The same reduction, settings and seed give the same clusters.
    """
    space = reduction.space
    n = len(space)
    if n == 0:
        raise PhotosError("there is no readable photo to cluster; give a folder with photos")
    if n < 3 or np.ptp(space, axis=0).max() < _IDENTICAL:
        return _without_runs(space)
    neighbours = nearest(space, space, voters_for(n), exclude_self=True)
    runs = [first_run(space, reduction.embedding, neighbours, settings)]
    progress("cluster", 1, settings.n_runs)
    for number in range(1, settings.n_runs):
        runs.append(fresh_run(space, settings, number=number, seed=seed))
        progress("cluster", number + 1, settings.n_runs)
    labels_of_runs = np.stack([run.labels for run in runs])
    groups = agreed_groups(labels_of_runs, _LEAST_AGREEMENT)
    labels = join_by_vote(_large_enough(groups, settings.min_cluster_size_for(n)), neighbours)
    return _described(labels, _noise(runs), firmness(labels, labels_of_runs), stability(labels, labels_of_runs), space)


def _without_runs(space: Float32) -> Clusters:
    """Photos that are all the same make one cluster; one photo, or two different ones, make none."""
    n = len(space)
    same = n > 1 and bool(np.ptp(space, axis=0).max() < _IDENTICAL)
    labels = np.full(n, 0 if same else UNCLUSTERED, np.int32)
    certain = np.full(n, float(same), np.float32)
    return _described(labels, np.full(n, not same), certain, np.ones(int(same), np.float32), space)


def _large_enough(groups: NDArray[np.intp], least: int) -> Int32:
    sizes = np.bincount(groups)
    kept = sizes >= least
    number = np.where(kept, np.cumsum(kept) - 1, UNCLUSTERED).astype(np.int32)
    return np.asarray(number[groups], np.int32)


def _noise(runs: list[Run]) -> Bool:
    """What HDBSCAN left out in more than half of the runs that saw it."""
    seen = np.sum([run.seen for run in runs], axis=0)
    left_out = np.sum([run.noise for run in runs], axis=0)
    return np.asarray(2 * left_out > seen)


def _described(labels: Int32, noise: Bool, probabilities: Float32, steady: Float32, space: Float32) -> Clusters:
    """`labels` renumbered by size, with medoids."""
    n_clusters = len(steady)
    members = [np.flatnonzero(labels == cluster) for cluster in range(n_clusters)]
    medoids = [int(photos[closeness(space, photos).argmax()]) for photos in members]
    order = sorted(range(n_clusters), key=lambda cluster: (-len(members[cluster]), medoids[cluster]))
    renumbered = np.full(len(labels), UNCLUSTERED, np.int32)
    for new, old in enumerate(order):
        renumbered[members[old]] = new
    return Clusters(
        renumbered,
        probabilities,
        noise | (labels == UNCLUSTERED),
        np.array([medoids[old] for old in order], np.int32),
        steady[order] if n_clusters else steady,
        np.zeros((0, n_clusters), np.int32),
    )
