"""A fitted library with rows for photos that joined after its fit: places by their nearest fitted photos."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.library.fitted_photos import FittedPhotos
from clustertags.library.model import Base, FittedLibrary
from clustertags.near_duplicates.groups import NO_GROUP
from clustertags.neighbours import VOTE_POWER, assign
from clustertags.tagging.top_tags import TopTags
from clustertags.types import UNCLUSTERED, Assignment, Clusters, Features, Float32, Neighbours, Photo


@dataclass(frozen=True, slots=True)
class Grown:
    """`library`: with the photos that joined as its last ones, clustered, not tagged yet; `embedding`: (n_photos,
    n_components) float32, all of the layout that is clustered; `neighbours`: the nearest fitted photos of those that
    joined.
    """

    library: FittedLibrary
    embedding: Float32
    neighbours: Neighbours


def grow(library: FittedLibrary, embedding: Float32, photos: Sequence[Photo], features: Features) -> Grown:
    """Append photos, one row of `features` each, to a library with this `embedding`, (n_photos, n_components) float32.

    Their clusters are those of the vote of their nearest fitted photos, which do not change; neither do photos that
    joined earlier, so that a photo's place does not depend on what joins with it.
    """
    fitted = FittedPhotos.of(library)
    unknown = np.full(len(photos), -1, np.intp)
    neighbours = fitted.neighbours(features, unknown)
    placed = assign(neighbours, library.clusters)
    labels = library.clusters.labels
    groups, near = library.duplicate_groups, library.neighbours
    grown = replace(
        library,
        photos=(*library.photos, *photos),
        space=np.concatenate([library.space, library.projection.project(features.values)]),
        map=np.concatenate([library.map, _mean_place(library.map, neighbours, placed, labels)]),
        clusters=_with_members(library.clusters, placed),
        top_tags=_with_rows(library.top_tags, len(photos)),
        neighbours=None if near is None else _joined(near, neighbours),
        base=library.base and _grown_base(library.base, neighbours),
        duplicate_groups=None if groups is None else np.append(groups, np.full(len(photos), NO_GROUP, np.int32)),
        n_added=library.n_added + len(photos),
    )
    layout = np.concatenate([embedding, _mean_place(embedding, neighbours, placed, labels)])
    return Grown(grown, layout, neighbours)


def grown_digest(digest: str, photos: Sequence[Photo]) -> str:
    """Of the layout of a library that photos joined: SHA-256, in hexadecimal, which no fit has."""
    grown = hashlib.sha256(f"added to {digest}".encode())
    for photo in photos:
        grown.update(bytes.fromhex(photo.content_hash))
    return grown.hexdigest()


def _grown_base(base: Base, neighbours: Neighbours) -> Base:
    return replace(base, clusters=_with_members(base.clusters, assign(neighbours, base.clusters)))


def _with_members(clusters: Clusters, placed: Assignment) -> Clusters:
    return replace(
        clusters,
        labels=np.concatenate([clusters.labels, placed.labels]),
        probabilities=np.concatenate([clusters.probabilities, placed.scores]),
        noise=np.concatenate([clusters.noise, placed.labels == UNCLUSTERED]),
    )


def _mean_place(places: Float32, neighbours: Neighbours, placed: Assignment, labels: NDArray[np.int32]) -> Float32:
    """(n_joined, n_dimensions) float32: among the neighbours in a photo's cluster, or among all of a photo in none, the
    mean weighted by likeness; `places`: (n_photos, n_dimensions), `labels`: of their clusters.
    """
    weights = np.maximum(neighbours.similarities.astype(np.float64), 1e-6) ** VOTE_POWER
    own = labels[neighbours.indices] == placed.labels[:, None]
    weights = np.where(own | ~own.any(axis=1, keepdims=True), weights, 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("ij,ijk->ik", weights, places[neighbours.indices]), np.float32)


def _joined(first: Neighbours, more: Neighbours) -> Neighbours:
    """The rows of both, with as many neighbours as both have."""
    k = min(first.indices.shape[1], more.indices.shape[1])
    return Neighbours(
        np.concatenate([first.indices[:, :k], more.indices[:, :k]]),
        np.concatenate([first.similarities[:, :k], more.similarities[:, :k]]),
    )


def _with_rows(top: TopTags, n: int) -> TopTags:
    """With `n` more photos that have no tags."""
    empty = TopTags(
        np.full((n, *top.tags.shape[1:]), -1, np.int32),
        np.zeros((n, *top.scores.shape[1:]), np.float32),
        np.zeros((n, *top.shares.shape[1:]), np.uint8),
    )
    return TopTags.joined([top, empty])
