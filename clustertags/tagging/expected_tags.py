"""What the photos of each cluster are expected to show, by which clusters are named."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.names.cluster_names import ExpectedTags
from clustertags.tagging.model import TagModel
from clustertags.types import UNCLUSTERED, Clusters, Float32


class ExpectedSums:
    """Sums, over the photos of each cluster, of the chances that they show each tag and any."""

    def __init__(self, clusters: Clusters, model: TagModel) -> None:
        self._clusters, self._model = clusters, model
        self._shown = np.zeros((clusters.n_clusters, model.n_tags))
        self._known = np.zeros(clusters.n_clusters + 1)  # the last one, `UNCLUSTERED`, of photos in no cluster

    def add(self, photos: NDArray[np.intp], scores: Float32, known: Float32 | None) -> None:
        """Add fitted photos, each once.

        `photos`: (n,) ascending indices; `scores`: (n, n_tags) and `known`: (n,), both replaced by the labels of
        labelled photos where these are known; `known` is None where every photo shows a tag.
        """
        labelled, rows = np.isin(photos, self._model.photos), np.isin(self._model.photos, photos)
        shown = scores.astype(np.float64)
        any_tag = np.ones(len(photos)) if known is None else known.astype(np.float64)
        any_tag[labelled] = 1.0
        shown[labelled] = np.where(self._model.stated[rows], self._model.matrix[rows], shown[labelled])
        labels = self._clusters.labels[photos]
        inside = labels != UNCLUSTERED
        np.add.at(self._shown, labels[inside], shown[inside])
        np.add.at(self._known, labels, any_tag)

    def means(self) -> ExpectedTags:
        """Over all photos of each cluster."""
        sizes = np.maximum(self._clusters.sizes(), 1)
        labelled_share = len(self._model.photos) / self._known.sum()
        n_known_by_labels = self._clusters.sizes_among(self._model.photos) / labelled_share
        return ExpectedTags(
            self._shown / sizes[:, None], self._known[:-1] / sizes, np.minimum(n_known_by_labels / sizes, 1.0)
        )
