"""Which flat clustering of the photos to show: the one that holds up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.consensus import agreed_groups, firmness, stability
from clustertags.clustering.density import join_by_vote
from clustertags.clustering.grouping import coarser_levels
from clustertags.clustering.representatives import closeness
from clustertags.clustering.runs import Look, first_look, fresh_look, run, voters_for
from clustertags.clustering.settings import ClusteringSettings
from clustertags.errors import PhotosError
from clustertags.neighbours import nearest
from clustertags.types import (
    UNCLUSTERED,
    Bool,
    Clusters,
    Float32,
    Int32,
    Neighbours,
    Progress,
    Reduction,
    SeedTags,
    no_progress,
)

_STAGE = "Clustering photos"
# Levels tried against the person's tags, by the walk's time (see `levels.Walk`), and the labelled photos that it takes
# to try them: with 60, a broad level once looked better by chance and lost 0.05. A smaller gain in adjusted mutual
# information says nothing either.
_FEWEST_LABELLED = {0.5: 30, 2.0: 100}
_CLEAR_GAIN = 0.03
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
    """The clusters that several runs agree on, numbered by size, ties by medoid.

    Photos that are in no group joined by most runs, or in one too small, join by the vote of their neighbours, or
    stay unclustered where the vote is not clear. Where `seeds` has enough labelled photos, a broader or finer level is
    taken if it agrees with their tags clearly better. The same reduction, settings and seed give the same clusters.
    """
    space = reduction.space
    n = len(space)
    if n == 0:
        raise PhotosError("there is no readable photo to cluster; give a folder with photos")
    if n < 3 or np.ptp(space, axis=0).max() < _IDENTICAL:
        return _without_runs(space)
    neighbours = nearest(space, space, voters_for(n), exclude_self=True)
    n_runs = settings.n_runs_for(n)
    progress(_STAGE, 0, n_runs)
    looks = [first_look(space, reduction.embedding, neighbours, settings)]
    progress(_STAGE, 1, n_runs)
    for number in range(1, n_runs):
        looks.append(fresh_look(space, settings, number=number, seed=seed))
        progress(_STAGE, number + 1, n_runs)
    agreed = _agreed(looks, neighbours, settings, _time_for(looks, neighbours, settings, seeds))
    labels, labels_of_runs = agreed.labels, agreed.labels_of_runs
    return _described(labels, agreed.noise, firmness(labels, labels_of_runs), stability(labels, labels_of_runs), space)


@dataclass(frozen=True, slots=True)
class _Agreed:
    """`labels` (n_photos,) int32 that the runs, `labels_of_runs` (n_runs, n_photos) int32, agree on; `noise`
    (n_photos,) bool, what HDBSCAN left out in more than half of the runs that saw it.
    """

    labels: Int32
    labels_of_runs: Int32
    noise: Bool


def _agreed(looks: list[Look], neighbours: Neighbours, settings: ClusteringSettings, time: float) -> _Agreed:
    runs = [run(look, neighbours, settings, time=time) for look in looks]
    labels_of_runs = np.stack([each.labels for each in runs])
    groups = agreed_groups(labels_of_runs, _LEAST_AGREEMENT)
    labels = join_by_vote(_large_enough(groups, settings.min_cluster_size_for(len(groups))), neighbours)
    seen = np.sum([each.seen for each in runs], axis=0)
    left_out = np.sum([each.noise for each in runs], axis=0)
    return _Agreed(labels, labels_of_runs, np.asarray(2 * left_out > seen))


def _time_for(looks: list[Look], neighbours: Neighbours, settings: ClusteringSettings, seeds: SeedTags | None) -> float:
    """1, or a broader or finer level where the person's tags clearly ask for one."""
    if seeds is None or settings.selection != "auto":
        return 1.0
    rows, tags = np.nonzero(seeds.matrix)
    photos = seeds.photos[rows]
    times = [1.0, *(time for time, fewest in _FEWEST_LABELLED.items() if len(np.unique(photos)) >= fewest)]
    if len(times) == 1 or len(np.unique(tags)) < 2:
        return 1.0
    from sklearn.metrics import adjusted_mutual_info_score  # noqa: PLC0415

    agreement = {
        time: float(adjusted_mutual_info_score(tags, _agreed(looks, neighbours, settings, time).labels[photos]))
        for time in times
    }
    best = max(times, key=lambda time: agreement[time])
    return best if agreement[best] > agreement[1.0] + _CLEAR_GAIN else 1.0


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


def _described(labels: Int32, noise: Bool, probabilities: Float32, steady: Float32, space: Float32) -> Clusters:
    """`labels` renumbered by size, with medoids and the levels above."""
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
        coarser_levels(space, renumbered, n_clusters),
    )
