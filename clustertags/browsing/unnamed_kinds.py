"""Photos that show something that no tag names, and the clusters that hold most of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustertags.library.model import FittedLibrary
from clustertags.types import UNCLUSTERED, Float64

MIN_SHARE = 1 / 2


@dataclass(frozen=True, slots=True)
class UnnamedCluster:
    """A cluster of which `share`, at least a half, is expected to show none of the tags."""

    cluster: int
    name: str
    n_photos: int
    share: float


def unnamed_chances(library: FittedLibrary) -> Float64 | None:
    """The chance that each photo shows none of the tags: (n_photos,) in 0..1. It is 0 for tagged and hidden photos, 1
    for those that the person said show none.

    None in a library without tags, in one whose scores suppose that every photo shows one of them, and in one without
    its hidden photos.
    """
    known = library.tag_model.known if library.tag_model else None
    if known is None or library.neighbours is None:
        return None
    chances = 1.0 - known.probabilities(library.neighbours)
    chances[library.seeds.photos] = 0.0
    chances[library.seeds.none] = 1.0
    chances[library.hidden] = 0.0
    return chances


def unnamed_clusters(library: FittedLibrary) -> tuple[UnnamedCluster, ...]:
    """The clusters most of whose photos are expected to show none of the tags, most such photos first."""
    chances = unnamed_chances(library)
    if chances is None:
        return ()
    labels, sizes = library.clusters.labels, library.cluster_sizes()
    inside = labels != UNCLUSTERED
    expected = np.bincount(labels[inside], chances[inside], minlength=len(sizes))
    shares = expected / np.maximum(sizes, 1)
    order = [cluster for cluster in np.argsort(-expected, kind="stable").tolist() if shares[cluster] >= MIN_SHARE]
    return tuple(
        UnnamedCluster(cluster, library.descriptions[cluster].name, int(sizes[cluster]), float(shares[cluster]))
        for cluster in order
    )
