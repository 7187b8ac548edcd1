"""A small library as a fit leaves it: kinds of photos that lie apart, a cluster a kind, some in none, some tagged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from clustertags.clustering.grouping import coarser_levels
from clustertags.clustering.representatives import closeness
from clustertags.editing.edits import Edit
from clustertags.editing.journal import Entry, Journal
from clustertags.library.model import Base, FittedLibrary
from clustertags.tagging.top_tags import TopTags
from clustertags.types import UNCLUSTERED, ClusterDescription, Clusters, Photo, Projection, SeedTags

N_COMPONENTS = 8


def content(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def made_space(kinds: np.ndarray, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(1).standard_normal((int(kinds.max()) + 1, N_COMPONENTS))
    space = centres[kinds] + 0.3 * random.standard_normal((len(kinds), N_COMPONENTS))
    return (space / np.linalg.norm(space, axis=1, keepdims=True)).astype(np.float32)


def clusters_of(labels: np.ndarray, space: np.ndarray) -> Clusters:
    """Clusters of arbitrary labels, numbered as `Clusters` asks."""
    ids = [label for label in np.unique(labels) if label != UNCLUSTERED]
    members = sorted((np.flatnonzero(labels == label) for label in ids), key=lambda own: (-len(own), own[0]))
    renumbered = np.full(len(labels), UNCLUSTERED, np.int32)
    for cluster, own in enumerate(members):
        renumbered[own] = cluster
    return Clusters(
        renumbered,
        np.where(renumbered >= 0, 0.8, 0).astype(np.float32),
        renumbered < 0,
        np.array([own[closeness(space, own).argmax()] for own in members], np.int32),
        np.linspace(0.9, 0.5, len(members)).astype(np.float32),
        coarser_levels(space, renumbered, len(members)),
    )


def made_library(
    labels: np.ndarray, *, numbers: np.ndarray | None = None, kinds: np.ndarray | None = None, tagged: int = 2
) -> FittedLibrary:
    """Photos `numbers` (0 .. n-1) in clusters `labels`; the first `tagged` photos of each kind carry its tag."""
    kinds = np.maximum(labels, 0) if kinds is None else kinds
    numbers = np.arange(len(labels)) if numbers is None else numbers
    space = made_space(kinds)
    clusters = clusters_of(labels, space)
    vocabulary = tuple(f"kind{kind}" for kind in range(int(kinds.max()) + 1))
    rows = np.sort(np.concatenate([np.flatnonzero(kinds == kind)[:tagged] for kind in range(len(vocabulary))]))
    seeds = SeedTags(vocabulary, rows.astype(np.int32), kinds[rows][:, None] == np.arange(len(vocabulary)))
    descriptions = tuple(
        ClusterDescription(f"name {cluster}", ((vocabulary[int(kinds[medoid])], 1.0),), "tags", tagged)
        for cluster, medoid in enumerate(clusters.medoids.tolist())
    )
    tags = np.stack([kinds, (kinds + 1) % len(vocabulary)], axis=1).astype(np.int32)
    return FittedLibrary(
        root=Path("photos"),
        photos=tuple(Photo(content(number), (f"{number:05d}.jpg",)) for number in numbers.tolist()),
        skipped=(),
        projection=Projection(np.zeros(N_COMPONENTS, np.float32), np.eye(N_COMPONENTS, dtype=np.float32)),
        space=space,
        map=space[:, :2].copy(),
        clusters=clusters,
        descriptions=descriptions,
        seeds=seeds,
        tag_model=None,
        top_tags=TopTags.without_shares(tags, np.tile(np.float32([0.9, 0.2]), (len(labels), 1))),
        settings={"seed": 0},
        base=Base(clusters, seeds),
    )


def simple_library() -> FittedLibrary:
    """Clusters of 30, 20 and 10 photos, and 5 in none."""
    return made_library(np.repeat([0, 1, 2, UNCLUSTERED], [30, 20, 10, 5]))


def half_known_library() -> FittedLibrary:
    """Six clusters, a kind each: 0, 1 and 2 of 70, 60 and 50 photos, 3, 4 and 5 of 40; nothing is learnt. Ten photos of
    each of the last three carry its tag, and a photo of kind 0 that of kind 5.
    """
    kinds = np.repeat(np.arange(6), [70, 60, 50, 40, 40, 40])
    library, random, stray = made_library(kinds), np.random.default_rng(0), 3
    labelled = [random.permutation(np.flatnonzero(kinds == kind))[:10] for kind in (3, 4, 5)]
    photos = np.sort(np.concatenate([*labelled, [stray]])).astype(np.int32)
    shown = np.where(photos == stray, 5, kinds[photos])
    seeds = SeedTags(("kind3", "kind4", "kind5"), photos, shown[:, None] == [3, 4, 5])
    return replace(library, seeds=seeds, base=Base(library.clusters, seeds))


def names(library: FittedLibrary) -> list[str]:
    """Of the clusters, in their order."""
    return [description.name for description in library.descriptions]


def journal_of(edits: Sequence[Edit], **more: Any) -> Journal:
    """A journal in which these edits are in force."""
    return Journal(tuple(Entry(at, "", edit) for at, edit in enumerate(edits, start=1)), last=len(edits), **more)
