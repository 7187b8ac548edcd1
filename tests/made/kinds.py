"""A made library with structure: kinds of photos as mixtures in feature space, and what a fit gives of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustertags.types import UNCLUSTERED, Assignment, Classifier, Clusters, Features, Neighbours, SeedTags
from tests.made.clusters import clusters_of
from tests.made.features import as_features

N_FEATURES = 96


@dataclass(frozen=True)
class MadeLibrary:
    """Fitted and new photos of `n_kinds` kinds; a photo of kind k carries tag k and, with `several`, tag k // 4 too."""

    features: Features
    neighbours: Neighbours
    clusters: Clusters
    truth: np.ndarray
    new_features: Features
    new_neighbours: Neighbours
    new_places: Assignment
    new_truth: np.ndarray
    classifier: Classifier

    def new_places_nowhere(self) -> Assignment:
        n = len(self.new_features)
        return Assignment(np.full(n, UNCLUSTERED, np.int32), np.zeros(n, np.float32))


def nearest(queries: Features, fitted: Features, k: int, *, same: bool = False) -> Neighbours:
    cosines = queries.values @ fitted.values.T
    if same:
        np.fill_diagonal(cosines, -2.0)
    k = min(k, len(fitted) - int(same))
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return Neighbours(order.astype(np.int32), np.take_along_axis(cosines, order, axis=1).astype(np.float32))


def make_library(
    n: int = 400, n_new: int = 300, n_kinds: int = 8, spread: float = 1.6, *, several: bool = False, seed: int = 0
) -> MadeLibrary:
    """Non-negative features, as a network's are: kinds overlap more with a larger `spread`.

    Clusters are two kinds each and miss a tenth of the photos, so that no part alone is perfect.
    """
    random = np.random.default_rng(seed)
    centres = random.gamma(1.0, 1.0, (n_kinds, N_FEATURES))
    kinds = random.integers(0, n_kinds, n + n_new)
    kinds[:n_kinds] = np.arange(n_kinds)
    values = np.maximum(centres[kinds] + spread * random.standard_normal((n + n_new, N_FEATURES)), 0) + 1e-3
    tags = np.zeros((n + n_new, n_kinds + (n_kinds + 3) // 4 * several), bool)
    tags[np.arange(n + n_new), kinds] = True
    if several:
        tags[np.arange(n + n_new), n_kinds + kinds // 4] = True
    fitted, new = as_features(values[:n]), as_features(values[n:])
    labels = kinds // 2
    labels = np.where(random.random(n + n_new) < 0.1, UNCLUSTERED, labels)
    weight = random.standard_normal((20, N_FEATURES)).astype(np.float32) * 0.3
    return MadeLibrary(
        fitted,
        nearest(fitted, fitted, 15, same=True),
        clusters_of(labels[:n]),
        tags[:n],
        new,
        nearest(new, fitted, 15),
        Assignment(labels[n:].astype(np.int32), np.ones(n_new, np.float32)),
        tags[n:],
        Classifier(weight, np.zeros(20, np.float32)),
    )


def label_some(library: MadeLibrary, n_labelled: int, seed: int = 0) -> SeedTags:
    """Label photos at random, each with all of its tags; tags that none carries are not in the vocabulary."""
    photos = np.sort(np.random.default_rng(seed).permutation(len(library.features))[:n_labelled])
    return seeds_of(photos, library.truth[photos])


def seeds_of(photos: np.ndarray, matrix: np.ndarray) -> SeedTags:
    used = matrix.any(axis=0)
    names = tuple(f"tag{i:04d}" for i in np.flatnonzero(used))
    return SeedTags(names, np.asarray(photos, np.int32), matrix[:, used])


def columns(seeds: SeedTags) -> np.ndarray:
    """Which columns of the truth the vocabulary of `label_some` is."""
    return np.array([int(name.removeprefix("tag")) for name in seeds.vocabulary])
