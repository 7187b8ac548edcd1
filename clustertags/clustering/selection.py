"""Select the flat clustering: the consensus of several runs, at the level that agrees with the seed tags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.consensus import agreed_groups, firmness, stability
from clustertags.clustering.density import join_by_vote
from clustertags.clustering.grouping import coarser_levels
from clustertags.clustering.representatives import closeness
from clustertags.clustering.runs import SampleLayout, full_layout, run, sample_layout, voters_for
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
# Levels compared with the seed tags, by the walk's time (see `levels.Walk`), and the labelled photos needed to compare
# them: with 60, a broad level was once selected by chance and lost 0.05. `_CLEAR_GAIN` is of adjusted mutual
# information; smaller gains are not significant either.
_FEWEST_LABELLED = {0.5: 30, 2.0: 100}
_CLEAR_GAIN = 0.03
_LEAST_AGREEMENT = 0.5  # photos are together where they are in most runs
_IDENTICAL = 1e-4  # unit vectors that differ less are of one picture


def cluster_photos(
    reduction: Reduction,
    settings: ClusteringSettings,
    *,
    seed: int,
    seed_tags: SeedTags | None = None,
    progress: Progress = no_progress,
) -> Clusters:
    """The clusters that several runs agree on, numbered by size, ties by medoid.

    Photos outside the groups of most runs, or in groups that are too small, join by the vote of their neighbours, or
    stay unclustered where no cluster leads it. Where `seed_tags` has enough labelled photos, a broader or finer level
    is selected if it agrees better with their tags, by `_CLEAR_GAIN`. The same reduction, settings and `seed` give the
    same clusters.
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
    looks = [full_layout(space, reduction.embedding, neighbours, settings)]
    progress(_STAGE, 1, n_runs)
    for number in range(1, n_runs):
        looks.append(sample_layout(space, settings, number=number, seed=seed))
        progress(_STAGE, number + 1, n_runs)
    agreed = _agreed(looks, neighbours, settings, _time_for(looks, neighbours, settings, seed_tags))
    labels, labels_of_runs = agreed.labels, agreed.labels_of_runs
    return _described(labels, agreed.noise, firmness(labels, labels_of_runs), stability(labels, labels_of_runs), space)


@dataclass(frozen=True, slots=True)
class _Agreed:
    """`labels` (n_photos,) int32 that the runs, `labels_of_runs` (n_runs, n_photos) int32, agree on; `noise`
    (n_photos,) bool, noise of HDBSCAN in more than half of the runs that sampled the photo.
    """

    labels: Int32
    labels_of_runs: Int32
    noise: Bool


def _agreed(looks: list[SampleLayout], neighbours: Neighbours, settings: ClusteringSettings, time: float) -> _Agreed:
    runs = [run(look, neighbours, settings, time=time) for look in looks]
    labels_of_runs = np.stack([each.labels for each in runs])
    groups = agreed_groups(labels_of_runs, _LEAST_AGREEMENT)
    labels = join_by_vote(_large_enough(groups, settings.min_cluster_size_for(len(groups))), neighbours)
    seen = np.sum([each.seen for each in runs], axis=0)
    noise = np.sum([each.noise for each in runs], axis=0)
    return _Agreed(labels, labels_of_runs, np.asarray(2 * noise > seen))


def _time_for(
    looks: list[SampleLayout], neighbours: Neighbours, settings: ClusteringSettings, seed_tags: SeedTags | None
) -> float:
    """1, or that of a broader or finer level where it agrees better with the seed tags, by `_CLEAR_GAIN`."""
    if seed_tags is None or settings.selection != "auto":
        return 1.0
    rows, tags = np.nonzero(seed_tags.matrix)
    photos = seed_tags.photos[rows]
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
    """One cluster of identical photos; none of one photo, or of two different ones."""
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


def _described(
    labels: Int32, noise: Bool, probabilities: Float32, cluster_stability: Float32, space: Float32
) -> Clusters:
    """`labels` renumbered by size, with medoids and the levels above."""
    n_clusters = len(cluster_stability)
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
        cluster_stability[order] if n_clusters else cluster_stability,
        coarser_levels(space, renumbered, n_clusters),
    )
