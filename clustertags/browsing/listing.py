"""Sorted, filtered and paginated lists of clusters, and of the photos of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from clustertags.browsing.folded_text import folded
from clustertags.browsing.slices import Slice, cut
from clustertags.clustering.representatives import by_closeness
from clustertags.errors import UsageError
from clustertags.labels.normalisation import normalise_tag
from clustertags.library.model import FittedLibrary
from clustertags.names.group_names import ClusterGroup, cluster_groups
from clustertags.types import UNCLUSTERED

ClusterOrder = Literal["size", "name", "sure", "unsure", "steady", "unlabelled"]


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """`key`: not changed by edits; `n_labelled`: labelled photos; `stability` in 0..1; `sureness`: mean score of its
    photos' best tags in 0..1, None without tags.
    """

    cluster: int
    key: str
    name: str
    n_photos: int
    n_labelled: int
    stability: float
    sureness: float | None


@dataclass(frozen=True, slots=True)
class ClusterQuery:
    """`order`: size, name, most or least certain tags, stability, or unlabelled first; ties by size. Filters: `text`
    in the name or a tag; `tag`, one of the cluster's tags; `unlabelled`, no labelled photo; `group` of the `level`,
    from 1.
    """

    order: ClusterOrder = "size"
    text: str = ""
    tag: str = ""
    unlabelled: bool = False
    level: int = 0
    group: int | None = None


class ClusterIndex:
    """An index of a library's clusters for repeated queries."""

    def __init__(self, library: FittedLibrary) -> None:
        self._library = library
        self._orders: dict[int, list[int]] = {}
        n = library.clusters.n_clusters
        sizes, n_labelled = library.clusters.sizes(), library.clusters.sizes_among(library.seeds.photos)
        sureness = None
        if library.top_tags.scores.shape[1]:
            labels, best = library.clusters.labels, library.informative_top_tags().scores[:, 0]
            placed = labels != UNCLUSTERED
            sureness = np.bincount(labels[placed], best[placed], minlength=n) / np.maximum(sizes, 1)
        keys = library.cluster_keys or tuple(map(str, range(n)))
        self.rows: tuple[ClusterRow, ...] = tuple(
            ClusterRow(
                cluster,
                keys[cluster],
                library.descriptions[cluster].name,
                int(sizes[cluster]),
                int(n_labelled[cluster]),
                float(library.clusters.stability[cluster]),
                None if sureness is None else round(float(sureness[cluster]), 6),
            )
            for cluster in range(n)
        )

    @cached_property
    def levels(self) -> tuple[tuple[ClusterGroup, ...], ...]:
        """The groups of each level above the clusters, finest level first."""
        return cluster_groups(self._library.clusters, self._library.descriptions)

    @cached_property
    def _texts(self) -> list[str]:
        described = self._library.descriptions
        return [folded("\n".join([item.name, *(tag for tag, _ in item.tags)])) for item in described]

    def clusters(self, query: ClusterQuery, *, offset: int = 0, limit: int = 60) -> Slice[ClusterRow]:
        """The clusters of the query. Raises `UsageError` for an unknown order, level or group."""
        if query.order not in _ORDERS:
            raise UsageError(f"clusters are not ordered by {query.order!r}: {', '.join(get_args(ClusterOrder))}")
        rows = [row for row in self.rows if self._passes(row, query)]
        return cut(sorted(rows, key=_ORDERS[query.order]), offset, limit, lambda row: row)

    def _passes(self, row: ClusterRow, query: ClusterQuery) -> bool:
        if query.unlabelled and row.n_labelled:
            return False
        if query.text and folded(query.text) not in self._texts[row.cluster]:
            return False
        if query.tag:
            tag = normalise_tag(query.tag)
            if all(normalise_tag(other) != tag for other, _ in self._library.descriptions[row.cluster].tags):
                return False
        return query.group is None or self._group_of(row.cluster, query.level) == query.group

    def _group_of(self, cluster: int, level: int) -> int:
        parents = self._library.clusters.parents
        if not 1 <= level <= len(parents):
            raise UsageError(f"there is no level {level}: there are {len(parents)} above the clusters")
        return int(parents[level - 1, cluster])

    def photos(self, cluster: int | None, *, offset: int = 0, limit: int = 200) -> Slice[int]:
        """The cluster's photos, closest to its centre first; None: the unclustered ones, by path.

        Raises `UsageError` for an unknown cluster.
        """
        return cut(self._order(cluster), offset, limit, int)

    def _order(self, cluster: int | None) -> list[int]:
        library = self._library
        if cluster is None:
            alone = np.flatnonzero((library.clusters.labels == UNCLUSTERED) & library.visible())
            return library.by_path(alone.tolist())
        if not 0 <= cluster < len(self.rows):
            raise UsageError(f"there is no cluster {cluster}: clusters are numbered 0 to {len(self.rows) - 1:,}")
        if cluster not in self._orders:
            self._orders[cluster] = by_closeness(library.clusters, library.space, cluster).tolist()
        return self._orders[cluster]

    def hidden(self, *, offset: int = 0, limit: int = 200) -> Slice[int]:
        """Hidden photos, by path."""
        return cut(self._library.by_path(self._library.hidden.tolist()), offset, limit, int)


_ORDERS: dict[str, Callable[[ClusterRow], Any]] = {
    "size": lambda row: row.cluster,
    "name": lambda row: (folded(row.name), row.cluster),
    "sure": lambda row: (-(row.sureness or 0), row.cluster),
    "unsure": lambda row: (row.sureness or 0, row.cluster),
    "steady": lambda row: (-row.stability, row.cluster),
    "unlabelled": lambda row: (row.n_labelled > 0, row.cluster),
}
