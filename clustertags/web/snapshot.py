"""The library in one state, with the indices and cards that pages need; a new one is made after each edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import overload
from urllib.parse import quote

import numpy as np

from clustertags.browsing.duplicates import DuplicateGroup, near_duplicates
from clustertags.browsing.listing import ClusterIndex
from clustertags.browsing.searching import PhotoIndex
from clustertags.browsing.unnamed_kinds import unnamed_clusters
from clustertags.library.model import FittedLibrary
from clustertags.pages.cards import PhotoCard, photo_card
from clustertags.pages.context import MOSAIC_PHOTOS, ClusterCard, LibrarySummary, cluster_card, library_summary
from clustertags.pages.thumbnails import SIDE_PIXELS, Thumbnail, thumbnail_href
from clustertags.support.printable import printable
from clustertags.types import UNCLUSTERED


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A group of clusters on the first page. `level` and `number` identify it in the URL of its clusters."""

    level: int
    number: int
    name: str
    href: str
    n_photos: int
    n_clusters: int
    mosaic: tuple[PhotoCard, ...]


@dataclass(frozen=True, slots=True)
class UnnamedLink:
    """A link to a cluster that no tag names; `href`: URL path without the leading slash."""

    name: str
    href: str
    n_photos: int


class Snapshot:
    """The library in one state. `library` is immutable, so everything derived from it is computed once and cached.

    `photo_of`: content hash to photo index. `cluster_of`: cluster key to cluster number.
    """

    def __init__(self, library: FittedLibrary) -> None:
        self.library = library
        self.photo_of = {photo.content_hash: index for index, photo in enumerate(library.photos)}
        self.cluster_of = {key: cluster for cluster, key in enumerate(library.cluster_keys)}
        self._thumbnails = _Thumbnails(library)
        self._cluster_cards: dict[int, ClusterCard] = {}

    @cached_property
    def summary(self) -> LibrarySummary:
        return library_summary(self.library)

    @cached_property
    def clusters(self) -> ClusterIndex:
        return ClusterIndex(self.library)

    @cached_property
    def photos(self) -> PhotoIndex:
        return PhotoIndex(self.library)

    @cached_property
    def duplicates(self) -> tuple[DuplicateGroup, ...]:
        return near_duplicates(self.library)

    @cached_property
    def unnamed(self) -> tuple[UnnamedLink, ...]:
        """The clusters most of whose photos show none of the tags, most such photos first."""
        found = unnamed_clusters(self.library)
        return tuple(
            UnnamedLink(self.cluster_name(item.cluster), self.cluster_href(item.cluster), item.n_photos)
            for item in found
        )

    def cluster_card(self, cluster: int) -> ClusterCard:
        card = self._cluster_cards.get(cluster)
        if card is None:
            made = cluster_card(self.library, self._thumbnails, cluster)
            card = self._cluster_cards[cluster] = replace(made, href=self.cluster_href(cluster))
        return card

    def cluster_href(self, cluster: int) -> str:
        """URL path without the leading slash; empty for `UNCLUSTERED`."""
        return "" if cluster == UNCLUSTERED else f"clusters/{quote(self.library.cluster_keys[cluster], safe='')}"

    def cluster_name(self, cluster: int) -> str:
        return "" if cluster == UNCLUSTERED else printable(self.library.descriptions[cluster].name, 100)

    def group_cards(self, level: int) -> tuple[GroupCard, ...]:
        """The groups of `level`, which counts from 1."""
        cards = []
        for number, group in enumerate(self.clusters.levels[level - 1]):
            shown = [int(self.library.clusters.medoids[cluster]) for cluster in group.clusters[:MOSAIC_PHOTOS]]
            cards.append(
                GroupCard(
                    level,
                    number,
                    printable(group.name),
                    f"?level={level}&group={number}",
                    group.n_photos,
                    len(group.clusters),
                    tuple(map(self.photo_card, shown)),
                )
            )
        return tuple(cards)

    def photo_card(self, photo: int) -> PhotoCard:
        return photo_card(self.library, self._thumbnails, photo)

    def hash_of(self, photo: int) -> str:
        return self.library.photos[photo].content_hash

    def thumbnail_href(self, photo: int) -> str:
        return f"/{thumbnail_href(self.hash_of(photo))}"

    def is_hidden(self, photo: int) -> bool:
        return bool(np.isin(photo, self.library.hidden))


class _Thumbnails(Sequence[Thumbnail]):
    """The URL of each photo's thumbnail. Sizes are nominal: thumbnails are made when they are first requested."""

    def __init__(self, library: FittedLibrary) -> None:
        self._photos = library.photos

    @overload
    def __getitem__(self, index: int) -> Thumbnail: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Thumbnail]: ...
    def __getitem__(self, index: int | slice) -> Thumbnail | Sequence[Thumbnail]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return Thumbnail(thumbnail_href(self._photos[index].content_hash), SIDE_PIXELS, SIDE_PIXELS)

    def __len__(self) -> int:
        return len(self._photos)
