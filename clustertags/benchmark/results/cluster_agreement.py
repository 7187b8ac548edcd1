"""Agreement of clusters, computed without any tag, with the tags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.types import Bool, Progress, no_progress


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of clusters with tags on `share` of the photos. All but `purity` need one tag a photo, else None:
    adjusted and normalised mutual information, the adjusted Rand index, and accuracy under the best one-to-one
    matching of clusters and tags. `purity`: mean over photos of the frequency of the cluster's most common tag.
    """

    photos: str
    share: float
    ami: float | None
    nmi: float | None
    ari: float | None
    accuracy: float | None
    purity: float


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """`noise`: the share that HDBSCAN labels noise; `unclustered`: the share left after the neighbours' vote."""

    n_photos: int
    n_clusters: int
    noise: float
    unclustered: float
    agreements: tuple[Agreement, ...]


def score_clusters(
    labelled: LabelledSet, rows: NDArray[np.intp], *, random_state: int = 0, progress: Progress = no_progress
) -> ClusterScores | None:
    """Cluster these photos as `fit` does without tags and compare with their tags; None for fewer than three photos."""
    from clustertags.clustering.reduction import reduce_features  # noqa: PLC0415
    from clustertags.clustering.selection import cluster_photos  # noqa: PLC0415
    from clustertags.clustering.settings import ClusteringSettings  # noqa: PLC0415

    if len(rows) < 3:
        return None
    settings = ClusteringSettings()
    reduction = reduce_features(labelled.features.take(rows), settings, seed=random_state, progress=progress)
    clusters = cluster_photos(reduction, settings, seed=random_state, progress=progress)
    tags, labels = labelled.tags[rows], clusters.labels
    hdbscan_labels = np.where(clusters.noise, -1, labels)
    return ClusterScores(
        len(rows),
        clusters.n_clusters,
        float(clusters.noise.mean()),
        float((labels < 0).mean()),
        (
            agreement("clustered by HDBSCAN itself", tags, hdbscan_labels, hdbscan_labels >= 0),
            agreement("with noise reassigned by the neighbours' vote", tags, labels, labels >= 0),
            agreement("all, the unclustered as one cluster", tags, labels, np.ones(len(labels), np.bool_)),
        ),
    )


def agreement(photos: str, tags: Bool, labels: NDArray[np.int32], kept: NDArray[np.bool_]) -> Agreement:
    """Compare the labels of the kept photos with their tags, (n, n_tags) bool."""
    from sklearn.metrics import (  # noqa: PLC0415
        adjusted_mutual_info_score,
        adjusted_rand_score,
        normalized_mutual_info_score,
    )

    share, tags, labels = float(kept.mean()), tags[kept], labels[kept]
    if not len(labels):
        return Agreement(photos, share, None, None, None, None, 0.0)
    clusters = np.unique(labels, return_inverse=True)[1]
    counts = np.zeros((int(clusters.max()) + 1, tags.shape[1]), np.int64)
    np.add.at(counts, clusters, tags)
    purity = float(counts.max(axis=1).sum() / len(labels))
    if not (tags.sum(axis=1) == 1).all():
        return Agreement(photos, share, None, None, None, None, purity)
    kinds = tags.argmax(axis=1)
    return Agreement(
        photos,
        share,
        float(adjusted_mutual_info_score(kinds, labels)),
        float(normalized_mutual_info_score(kinds, labels)),
        float(adjusted_rand_score(kinds, labels)),
        matched_accuracy(counts),
        purity,
    )


def matched_accuracy(counts: NDArray[np.int64]) -> float:
    """The share of photos under the best one-to-one matching of clusters (rows) and tags (columns) (Kuhn 1955)."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    rows, columns = linear_sum_assignment(-counts)
    return float(counts[rows, columns].sum() / max(int(counts.sum()), 1))
