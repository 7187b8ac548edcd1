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
# Levels compared with the seed tags, by `breadth` of `levels.cut_by_description`, half an octave apart.
_BREADTHS = tuple(2 ** (step / 2) for step in range(-5, 5))
_FEWEST_LABELLED = 10  # photos; with 5 and 7 the level was no better on average
# A level as far as one octave from the default must agree with the tags of n photos better by `_CAUTION / n`, one of
# two octaves by four times that: a prior on the level, normal in its octaves, against the evidence of n photos.
_CAUTION = 10.0
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
    stay unclustered where no cluster leads it. Where `seed_tags` has labelled photos, a broader or finer level is
    selected if it agrees better with their tags: clearly better where they are few. The same reduction, settings and
    `seed` give the same clusters.
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
    found = selected(looks, neighbours, settings, seed_tags)
    labels, labels_of_runs = found.labels, found.labels_of_runs
    return _described(labels, found.noise, firmness(labels, labels_of_runs), stability(labels, labels_of_runs), space)


@dataclass(frozen=True, slots=True)
class Agreed:
    """`labels` (n_photos,) int32 that the runs, `labels_of_runs` (n_runs, n_photos) int32, agree on; `noise`
    (n_photos,) bool, noise of HDBSCAN in more than half of the runs that sampled the photo.
    """

    labels: Int32
    labels_of_runs: Int32
    noise: Bool


def agreed(
    looks: list[SampleLayout], neighbours: Neighbours, settings: ClusteringSettings, breadth: float = 1.0
) -> Agreed:
    runs = [run(look, neighbours, breadth=breadth) for look in looks]
    labels_of_runs = np.stack([each.labels for each in runs])
    groups = agreed_groups(labels_of_runs, _LEAST_AGREEMENT)
    labels = join_by_vote(_large_enough(groups, settings.min_cluster_size_for(len(groups))), neighbours)
    seen = np.sum([each.seen for each in runs], axis=0)
    noise = np.sum([each.noise for each in runs], axis=0)
    return Agreed(labels, labels_of_runs, np.asarray(2 * noise > seen))


def selected(
    looks: list[SampleLayout], neighbours: Neighbours, settings: ClusteringSettings, seed_tags: SeedTags | None
) -> Agreed:
    """The default level, or a broader or finer one that agrees better with the seed tags.

    Agreement is adjusted mutual information of the labelled photos' clusters with their tags, a photo of several tags
    counted with each. A level loses `_CAUTION` times its squared distance in octaves over the labelled photos.
    """
    default = agreed(looks, neighbours, settings)
    if seed_tags is None or settings.selection != "auto":
        return default
    rows, tags = np.nonzero(seed_tags.matrix)
    photos = seed_tags.photos[rows]
    n_labelled = len(np.unique(photos))
    if n_labelled < _FEWEST_LABELLED or len(np.unique(tags)) < 2:
        return default
    from sklearn.metrics import adjusted_mutual_info_score  # noqa: PLC0415

    best, best_score = default, float(adjusted_mutual_info_score(tags, default.labels[photos]))
    for breadth in _BREADTHS:
        doubt = _CAUTION * np.log2(breadth) ** 2 / n_labelled
        if breadth == 1 or doubt + best_score >= 1:
            continue  # the default; or no agreement, which is 1 at most, could do
        level = agreed(looks, neighbours, settings, breadth)
        score = float(adjusted_mutual_info_score(tags, level.labels[photos])) - doubt
        if score > best_score:
            best, best_score = level, score
    return best


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
