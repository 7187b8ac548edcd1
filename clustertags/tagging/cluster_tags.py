"""Tags of a cluster, counted on its labelled photos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.types import UNCLUSTERED, Bool, Clusters, Float32, Float64, Int32, SeedTags

PRIOR_PHOTOS = 1.0
"""Pseudo-counts of a cluster: photos that carry each tag in its share of all labelled photos."""


@dataclass(frozen=True, slots=True)
class ClusterTags:
    """Counts of tags in clusters.

    `counts`: (n_clusters, n_tags) int32 labelled photos that carry the tag; `n_labelled`: (n_clusters,) int32;
    `prior`: (n_tags,) float32, the share of all labelled photos that carry the tag. `expected`: (n_clusters, n_tags)
    float32, how many more are expected to carry it of those of which that is not known; None where it is known of all.
    """

    counts: Int32
    n_labelled: Int32
    prior: Float32
    expected: Float32 | None = None

    def totals(self) -> Int32 | Float64:
        """(n_clusters, n_tags): the counts with what is expected of unknown labels."""
        return self.counts if self.expected is None else self.counts + self.expected.astype(np.float64)

    def shares(self) -> NDArray[np.float64]:
        """(n_clusters + 1, n_tags) float64: (count + prior) / (n_labelled + 1); the last row, the prior, is that of
        unclustered photos (the index `UNCLUSTERED` = -1 selects it).
        """
        prior = self.prior.astype(np.float64)
        smoothed = (self.totals() + PRIOR_PHOTOS * prior) / (self.n_labelled[:, None] + PRIOR_PHOTOS)
        return np.vstack([smoothed, prior])

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        arrays = {name: getattr(self, name) for name in ("counts", "n_labelled", "prior", "expected")}
        return {f"clusters.{name}": array for name, array in arrays.items() if array is not None}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> ClusterTags:
        counts, n_labelled, prior = (tensors[f"clusters.{name}"] for name in ("counts", "n_labelled", "prior"))
        return cls(counts, n_labelled, prior, tensors.get("clusters.expected"))


def count_cluster_tags(
    labels: Int32, n_clusters: int, matrix: Bool, expected_labels: Float64 | None = None
) -> ClusterTags:
    """Count tags from the cluster `labels` (n_labelled,) of the labelled photos and their tags (n_labelled, n_tags).

    The prior is over all labelled photos, including unclustered ones. `expected_labels`: see `partial_labels`.
    """
    n_tags = matrix.shape[1]
    counts = np.zeros((n_clusters, n_tags), dtype=np.int32)
    inside = labels != UNCLUSTERED
    np.add.at(counts, labels[inside], matrix[inside].astype(np.int32))
    n_labelled = np.bincount(labels[inside], minlength=n_clusters).astype(np.int32)
    if expected_labels is not None:
        expected = np.zeros(counts.shape)
        np.add.at(expected, labels[inside], np.where(matrix, 0.0, expected_labels)[inside])
        prior = expected_labels.mean(axis=0).astype(np.float32)
        return ClusterTags(counts, n_labelled, prior, expected.astype(np.float32))
    prior = matrix.mean(axis=0, dtype=np.float64) if len(matrix) else np.zeros(n_tags)
    return ClusterTags(counts, n_labelled, prior.astype(np.float32))


def count_seed_tags(clusters: Clusters, seed_tags: SeedTags) -> ClusterTags:
    """Tag counts of every cluster."""
    return count_cluster_tags(clusters.labels[seed_tags.photos], clusters.n_clusters, seed_tags.matrix)


def leave_one_out_shares(labels: Int32, matrix: Bool | Float64, tags: ClusterTags) -> NDArray[np.float64]:
    """Leave-one-out `ClusterTags.shares` of each labelled photo's cluster, (n_labelled, n_tags) float64; `matrix`: its
    tags, or their expectations.
    """
    n = len(matrix)
    own = matrix.astype(np.float64)
    prior = (matrix.sum(axis=0) - own) / max(n - 1, 1)
    result: NDArray[np.float64] = prior
    inside = np.flatnonzero(labels != UNCLUSTERED)
    others = tags.totals()[labels[inside]] - own[inside]
    n_others = tags.n_labelled[labels[inside], None] - 1
    result[inside] = (others + PRIOR_PHOTOS * prior[inside]) / (n_others + PRIOR_PHOTOS)
    return result
