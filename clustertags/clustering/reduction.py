"""From features to the space of neighbours, to the embedding that is clustered, and to the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from clustertags.clustering.graph import fuzzy_graph
from clustertags.clustering.layout import AIRY, TIGHT, lay_out
from clustertags.clustering.principal import fit_projection, principal_plane
from clustertags.clustering.settings import ClusteringSettings
from clustertags.errors import PhotosError
from clustertags.neighbours import nearest
from clustertags.types import Features, Float32, Neighbours, Progress, Reduction, no_progress

_MANY_PHOTOS = 10_000
_STAGE = "Laying out photos"


def reduce_features(
    features: Features, settings: ClusteringSettings, *, seed: int, progress: Progress = no_progress
) -> Reduction:
    """PCA of the features, then two layouts of one neighbour graph: one to cluster, one to look at.

    `features.values`: (n_photos, n_features) float32, at least one row. The same features, settings and seed give the
    same bits, on any number of threads.
    """
    if len(features) == 0:
        raise PhotosError("there is no readable photo to cluster; give a folder with photos")
    progress(_STAGE, 0, 3)
    fitted = fit_projection(features.values, settings.n_pca)
    progress(_STAGE, 1, 3)
    layout = _layout(fitted.space, settings, seed)
    embedding = layout.embedding(settings.n_components)
    progress(_STAGE, 2, 3)
    # The map starts from the embedding's main plane, so that it shows the groups that are clustered.
    plane = layout.map(principal_plane(embedding))
    progress(_STAGE, 3, 3)
    return Reduction(fitted.projection, fitted.space, embedding, plane)


def embed(space: Float32, settings: ClusteringSettings, *, seed: int) -> Float32:
    """Lay out photos of the given `space`, (n_photos, n_pca) float32, for clustering: (n_photos, n_components)."""
    return _layout(space, settings, seed).embedding(settings.n_components)


class _Layout(Protocol):
    """One neighbour graph of the photos, laid out to cluster and to look at."""

    def embedding(self, n_components: int) -> Float32:
        """(n_photos, n_components) float32: groups dense, for clustering."""

    def map(self, start: Float32) -> Float32:
        """(n_photos, 2) float32 from a start of that shape: photos do not cover each other, for the eye."""


def _layout(space: Float32, settings: ClusteringSettings, seed: int) -> _Layout:
    neighbours = nearest(space, space, settings.neighbours_for(len(space)), exclude_self=True)
    if settings.layout == "umap-learn":
        return _UmapLearnLayout(space, neighbours, seed)
    return _BuiltInLayout(space, fuzzy_graph(neighbours), seed)


@dataclass(frozen=True, slots=True)
class _BuiltInLayout:
    """By `layout.lay_out`; `graph`: what `fuzzy_graph` returns."""

    space: Float32
    graph: Any
    seed: int

    def embedding(self, n_components: int) -> Float32:
        start = _main_axes(self.space, n_components)
        return lay_out(self.graph, start, curve=TIGHT, n_epochs=n_epochs_for(len(start)), seed=self.seed)

    def map(self, start: Float32) -> Float32:
        return lay_out(self.graph, start, curve=AIRY, n_epochs=n_epochs_for(len(start)) // 2, seed=self.seed)


@dataclass(frozen=True, slots=True)
class _UmapLearnLayout:
    """By the package umap-learn, imported when photos are laid out."""

    space: Float32
    neighbours: Neighbours
    seed: int

    def embedding(self, n_components: int) -> Float32:
        return self._lay_out(_main_axes(self.space, n_components), min_dist=0.0, spectral=True)

    def map(self, start: Float32) -> Float32:
        return self._lay_out(start, min_dist=0.1, spectral=False)

    def _lay_out(self, start: Float32, *, min_dist: float, spectral: bool) -> Float32:
        from clustertags.clustering.umap_learn import lay_out_by_umap_learn  # noqa: PLC0415

        return lay_out_by_umap_learn(
            self.space, self.neighbours, start, min_dist=min_dist, seed=self.seed, spectral=spectral
        )


def _main_axes(space: Float32, n_components: int) -> Float32:
    """The first columns of the space, which are its main axes, and zeros where it has fewer."""
    start = np.zeros((len(space), n_components), np.float32)
    start[:, : space.shape[1]] = space[:, :n_components]
    return start


def n_epochs_for(n_photos: int) -> int:
    """Rounds over the edges: half of umap-learn's 500 and 200, with which the clusters' AMI is umap-learn's or more."""
    return 250 if n_photos <= _MANY_PHOTOS else 100
