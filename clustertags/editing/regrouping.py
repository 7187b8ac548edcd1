"""Clusters from replayed edits: numbered by size, with medoids, levels, and the given names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustertags.clustering.grouping import coarser_levels
from clustertags.editing.edited_clusters import ClusterReplay
from clustertags.types import UNCLUSTERED, ClusterDescription, Clusters, Float32, Int32


@dataclass(frozen=True, slots=True)
class EditedClusters:
    """`keys` and `names`: one a cluster; a name is "" if none was given."""

    clusters: Clusters
    keys: tuple[str, ...]
    names: tuple[str, ...]


def regroup(replayed: ClusterReplay, base: Clusters, space: Float32) -> EditedClusters:
    """The edited clusters; `base`: those of the fit, returned as they are if nothing changed."""
    labels = replayed.labels()
    changed = labels != base.labels
    sizes = np.bincount(labels[labels != UNCLUSTERED], minlength=len(replayed.slots))
    fitted = labels[: replayed.n_fitted]
    # By the photos of the fit, so that added ones change no number and no medoid.
    of_fit = changed[: replayed.n_fitted]
    touched = {*np.unique(fitted[of_fit]).tolist(), *np.unique(base.labels[: replayed.n_fitted][of_fit]).tolist()}
    fitted_sizes = np.bincount(fitted[fitted != UNCLUSTERED], minlength=len(replayed.slots))
    medoids = dict(enumerate(base.medoids.tolist()))
    for slot in np.flatnonzero(sizes).tolist():
        if slot in touched or slot not in medoids:
            medoids[slot] = replayed.medoid(np.flatnonzero(labels == slot))
    present = np.flatnonzero(sizes).tolist()
    sizes[fitted_sizes > 0] = 0  # of clusters of added photos alone
    order = sorted(present, key=lambda slot: (-int(fitted_sizes[slot]), -int(sizes[slot]), medoids[slot]))
    slots = [replayed.slots[slot] for slot in order]
    keys, names = tuple(slot.key for slot in slots), tuple(slot.name for slot in slots)
    if not changed.any():
        return EditedClusters(base, keys, names)
    return EditedClusters(_clusters(replayed, base, space, order, [medoids[slot] for slot in order]), keys, names)


def _clusters(
    replayed: ClusterReplay, base: Clusters, space: Float32, order: Sequence[int], medoids: Sequence[int]
) -> Clusters:
    number = np.full(len(replayed.slots) + 1, UNCLUSTERED, np.int32)  # the last entry is for photos in no cluster
    number[list(order)] = np.arange(len(order), dtype=np.int32)
    labels: Int32 = number[replayed.labels()]
    out = labels == UNCLUSTERED
    probabilities = np.where(replayed.placed, np.float32(1), replayed.probabilities)
    n = replayed.n_fitted
    if len(np.unique(labels[:n][labels[:n] != UNCLUSTERED])) < len(order):
        n = len(labels)  # there is a cluster of added photos alone
    return Clusters(
        labels,
        np.where(out, np.float32(0), probabilities),
        (base.noise & ~replayed.placed) | out,
        np.array(medoids, np.int32),
        np.array([replayed.slots[slot].stability for slot in order], np.float32),
        coarser_levels(space[:n], labels[:n], len(order)),
    )


def give_names(descriptions: Sequence[ClusterDescription], names: Sequence[str]) -> tuple[ClusterDescription, ...]:
    """The descriptions with the given names (`EditedClusters.names`), unique up to letter case: given names take
    precedence over automatic ones, then larger clusters over smaller ones; the others get a number.
    """
    taken: set[str] = set()
    given = [free_name(name, taken) if name else "" for name in names]
    result = []
    for description, name in zip(descriptions, given, strict=True):
        automatic = description.automatic or description.name
        if name:
            result.append(replace(description, name=name, source="person", automatic=automatic))
        else:
            result.append(replace(description, name=free_name(automatic, taken), automatic=""))
    return tuple(result)


def free_name(name: str, taken: set[str]) -> str:
    """The name, or with a number where it is among those `taken`, in lower case; to these it is added."""
    chosen, number = name, 2
    while chosen.casefold() in taken:
        chosen, number = f"{name} {number}", number + 1
    taken.add(chosen.casefold())
    return chosen
