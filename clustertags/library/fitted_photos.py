"""The fitted photos of a version, to which new photos are compared and whose clusters they join."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.library.artifacts import Version
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import CLUSTERS_FILE, clusters_from, load_n_added, read_arrays
from clustertags.neighbours import N_VOTERS, assign, nearest
from clustertags.types import Assignment, Clusters, Features, Float32, Neighbours, Projection


@dataclass(frozen=True, slots=True)
class FittedPhotos:
    """`space`: (n_photos, n_pca) float32, rows of unit length; `index_of`: SHA-256 as bytes to the photo's index. The
    last `n_added` photos joined after the fit: they are known, but no photo is compared to them, so that its place does
    not depend on what was added before it.
    """

    projection: Projection
    space: Float32
    clusters: Clusters
    index_of: Mapping[bytes, int]
    n_added: int = 0

    @classmethod
    def load(cls, version: Version) -> FittedPhotos:
        """Raises `DamagedError`."""
        arrays = read_arrays(version, CLUSTERS_FILE)
        index_of = {row.tobytes(): index for index, row in enumerate(arrays["content_hashes"])}
        projection = Projection(arrays["mean"], arrays["components"])
        return cls(projection, arrays["space"], clusters_from(arrays), index_of, load_n_added(arrays))

    @classmethod
    def of(cls, library: FittedLibrary) -> FittedPhotos:
        """Those of a library in memory."""
        index_of = {bytes.fromhex(photo.content_hash): index for index, photo in enumerate(library.photos)}
        return cls(library.projection, library.space, library.clusters, index_of, library.n_added)

    def indices(self, content_hashes: Iterable[str]) -> NDArray[np.intp]:
        """The index of each photo, -1 if it is not fitted: (n,) intp."""
        return np.array([self.index_of.get(bytes.fromhex(key), -1) for key in content_hashes], np.intp)

    def neighbours(self, features: Features, indices: NDArray[np.intp]) -> Neighbours:
        """The nearest fitted photos of each photo. A fitted photo (`indices` >= 0) is not its own neighbour."""
        fitted = self.space[: len(self.space) - self.n_added]
        found = nearest(fitted, self.projection.project(features.values), N_VOTERS + 1)
        kept = min(N_VOTERS, max(len(fitted) - 1, 1))
        order = np.argsort(found.indices == indices[:, None], axis=1, kind="stable")[:, :kept]
        return Neighbours(
            np.take_along_axis(found.indices, order, axis=1), np.take_along_axis(found.similarities, order, axis=1)
        )

    def assign(self, neighbours: Neighbours, indices: NDArray[np.intp]) -> Assignment:
        """The cluster of each photo: by the vote of its neighbours; a fitted photo keeps its own."""
        voted = assign(neighbours, self.clusters)
        fitted = indices >= 0
        return Assignment(
            np.where(fitted, self.clusters.labels[indices], voted.labels).astype(np.int32),
            np.where(fitted, self.clusters.probabilities[indices], voted.scores).astype(np.float32),
        )
