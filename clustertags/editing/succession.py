"""Which clusters of a fit are those of the fit before, and what became of the others, by the photos that both have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.editing.edited_clusters import initial_keys
from clustertags.editing.matching import LEAST_JACCARD, LEAST_WITHIN, PhotoTable
from clustertags.editing.regrouping import free_name
from clustertags.library.model import FittedLibrary
from clustertags.types import UNCLUSTERED, ClusterDescription, Clusters, Int32, Photo


@dataclass(frozen=True, slots=True)
class ClusterChanges:
    """What became of the clusters of the fit before. A cluster is the same where the Jaccard similarity of their
    photos, of those that both fits have, is at least 1/3, and their pairing has the largest sum of all (Kuhn 1955).

    Attributes
    ----------
    kept : tuple of str
        Names, now, of the clusters that are the same.
    merged : tuple of (str, str)
        Names of clusters most of whose photos are in another now, and that cluster's name.
    split : tuple of (str, str)
        Names of clusters most of whose photos were in one that is another now, and its earlier name.
    vanished : tuple of str
        Names of the other clusters of the fit before.
    new : tuple of str
        Names of the other clusters of this fit.
    """

    kept: tuple[str, ...]
    merged: tuple[tuple[str, str], ...]
    split: tuple[tuple[str, str], ...]
    vanished: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Overlap:
    """`shared`: (n_before, n_after) how many photos two clusters have in common; `before`, `after`: sizes, of photos
    that both fits have.
    """

    shared: NDArray[np.intp]
    before: NDArray[np.intp]
    after: NDArray[np.intp]

    @classmethod
    def of(
        cls, before: Sequence[Photo], clusters: Clusters, after: Sequence[Photo], new_clusters: Clusters
    ) -> _Overlap:
        place = PhotoTable(after, {}).find([photo.content_hash for photo in before])
        known = np.flatnonzero(place >= 0)
        old, new = clusters.labels[known], new_clusters.labels[place[known]]
        shape = (clusters.n_clusters, new_clusters.n_clusters)
        both = (old != UNCLUSTERED) & (new != UNCLUSTERED)
        cells = old[both].astype(np.intp) * shape[1] + new[both]
        return cls(
            np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape),
            np.bincount(old[old != UNCLUSTERED], minlength=shape[0]),
            np.bincount(new[new != UNCLUSTERED], minlength=shape[1]),
        )

    def earlier(self) -> Int32:
        """(n_after,) int32: the earlier cluster that each is, `UNCLUSTERED` for a new one."""
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

        union = self.before[:, None] + self.after - self.shared
        jaccard = self.shared / np.maximum(union, 1)
        jaccard[jaccard < LEAST_JACCARD] = 0
        rows, columns = linear_sum_assignment(jaccard, maximize=True)
        same = jaccard[rows, columns] > 0
        found = np.full(len(self.after), UNCLUSTERED, np.int32)
        found[columns[same]] = rows[same]
        return found


def surviving_keys(before: FittedLibrary | None, photos: Sequence[Photo], clusters: Clusters) -> tuple[str, ...]:
    """The key of each cluster of a new fit, before edits: that of the same cluster of the fit before."""
    if before is None or before.base is None:
        return tuple(initial_keys(photos, clusters.medoids))
    base = before.base
    keys = initial_keys(before.photos, base.clusters.medoids, base.keys)
    earlier = _Overlap.of(before.photos, base.clusters, photos, clusters).earlier()
    kept = [keys[cluster] if cluster != UNCLUSTERED else "" for cluster in earlier.tolist()]
    return tuple(initial_keys(photos, clusters.medoids, kept))


def keep_names(
    before: FittedLibrary | None, library: FittedLibrary, descriptions: Sequence[ClusterDescription]
) -> tuple[ClusterDescription, ...]:
    """The descriptions of `library`, a new fit's after edits; a cluster that is the same as before keeps its automatic
    name where what names it is the same: the tags of the library, and those of the cluster's labelled photos.
    """
    if before is None or before.seeds.vocabulary != library.seeds.vocabulary:
        return tuple(descriptions)
    earlier = _Overlap.of(before.photos, before.clusters, library.photos, library.clusters).earlier()
    labels_before, labels_now = _labels_by_cluster(before), _labels_by_cluster(library)
    kept = [""] * len(descriptions)
    for cluster, old in enumerate(earlier.tolist()):
        if old == UNCLUSTERED or labels_before[old] != labels_now[cluster]:
            continue
        description = before.descriptions[old]
        if "number" not in (description.source, descriptions[cluster].source):
            kept[cluster] = description.automatic or description.name
    taken = {name.casefold() for name in kept if name}
    return tuple(
        replace(item, name=name or free_name(item.name, taken)) for item, name in zip(descriptions, kept, strict=True)
    )


def _labels_by_cluster(library: FittedLibrary) -> list[set[tuple[str, tuple[str, ...]]]]:
    """The labelled photos of each cluster: content hashes with their tags."""
    found: list[set[tuple[str, tuple[str, ...]]]] = [set() for _ in range(library.clusters.n_clusters)]
    for photo in library.seeds.photos.tolist():
        label = int(library.clusters.labels[photo])
        if label != UNCLUSTERED:
            found[label].add((library.photos[photo].content_hash, library.seed_tags_of(photo)))
    return found


def cluster_changes(before: FittedLibrary | None, after: FittedLibrary) -> ClusterChanges | None:
    """What became of the clusters of the fit `before`, edits included; None where there was none."""
    if before is None:
        return None
    overlap = _Overlap.of(before.photos, before.clusters, after.photos, after.clusters)
    earlier = overlap.earlier()
    old_names = [description.name for description in before.descriptions]
    new_names = [description.name for description in after.descriptions]
    merged, vanished = list[tuple[str, str]](), list[str]()
    for old in sorted(set(range(len(old_names))) - set(earlier.tolist())):
        into = _most_of(overlap.shared[old], int(overlap.before[old]))
        if into is None:
            vanished.append(old_names[old])
        else:
            merged.append((old_names[old], new_names[into]))
    split, new = list[tuple[str, str]](), list[str]()
    for cluster in np.flatnonzero(earlier == UNCLUSTERED).tolist():
        source = _most_of(overlap.shared[:, cluster], int(overlap.after[cluster]))
        if source is None:
            new.append(new_names[cluster])
        else:
            split.append((new_names[cluster], old_names[source]))
    kept = [new_names[cluster] for cluster in np.flatnonzero(earlier != UNCLUSTERED).tolist()]
    return ClusterChanges(tuple(kept), tuple(merged), tuple(split), tuple(vanished), tuple(new))


def _most_of(shared: NDArray[np.intp], size: int) -> int | None:
    """The cluster that has more than half of another's `size` photos."""
    if not len(shared) or not size:
        return None
    most = int(shared.argmax())
    return most if shared[most] > LEAST_WITHIN * size else None
