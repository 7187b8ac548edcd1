"""Template contexts of the first page (the wall of clusters) and of every page's header, as frozen dataclasses.

Every text in a context has passed through `printable`: one line, without control or bidirectional characters. Templates
escape markup. URLs are relative to the site's first page; a template puts `base` before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustertags.clustering.representatives import representatives
from clustertags.library.model import FittedLibrary
from clustertags.names.group_names import cluster_groups
from clustertags.pages.arrangement import INDEX_PAGE, cluster_page
from clustertags.pages.cards import PhotoCard, ShownTag, percent, photo_card
from clustertags.pages.thumbnails import Thumbnail
from clustertags.support.printable import printable
from clustertags.types import ClusterDescription

MOSAIC_PHOTOS = 5
CLUSTER_TAGS = 6
# Hennig (2007): a mean Jaccard similarity of 0.75 or more is a valid, stable cluster, one below 0.5 a dissolved one.
STABLE, DISSOLVED = 0.75, 0.5

_SOURCES = {
    "tags": "named from your tags",
    "hierarchy": "named from ImageNet classes",
    "number": "not named yet",
    "person": "named by you",
}


@dataclass(frozen=True, slots=True)
class LibrarySummary:
    """Counts in every page's header and the first page's summary line."""

    title: str
    n_photos: int
    n_clusters: int
    n_labelled: int
    n_unclustered: int
    unclustered_share: str
    n_skipped: int
    n_copies: int
    n_added: int = 0


@dataclass(frozen=True, slots=True)
class ClusterCard:
    """A cluster on the wall and at the top of its own page. `search`: the text that the filter searches; `groups`: the
    number of its group at each level above the clusters; `evidence`: where the first tag is found.
    """

    id: int
    name: str
    href: str
    tags: tuple[ShownTag, ...]
    size: int
    n_labelled: int
    stability: str
    stability_share: str
    source: str
    evidence: str
    mosaic: tuple[PhotoCard, ...]
    search: str
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupHeading:
    """The heading of a group of clusters where the wall is grouped, with the sizes of the whole group."""

    name: str
    n_photos: int
    n_clusters: int


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The first page. `levels`: headings of the groups of each level, by group number, finest level first."""

    href: str
    library: LibrarySummary
    clusters: tuple[ClusterCard, ...]
    levels: tuple[tuple[GroupHeading, ...], ...]


def library_summary(library: FittedLibrary) -> LibrarySummary:
    n_unclustered = library.n_unclustered
    return LibrarySummary(
        title=printable(library.root.name) or "Photos",
        n_photos=library.n_photos,
        n_clusters=library.clusters.n_clusters,
        n_labelled=library.seeds.n_labelled,
        n_unclustered=n_unclustered,
        unclustered_share=percent(n_unclustered / max(1, library.n_photos), decimals=1),
        n_skipped=len(library.skipped),
        n_copies=sum(len(photo.paths) - 1 for photo in library.photos),
        n_added=library.n_added,
    )


def cluster_cards(library: FittedLibrary, thumbnails: Sequence[Thumbnail | None]) -> tuple[ClusterCard, ...]:
    """A card for every cluster, in the order of their numbers: the largest first."""
    return tuple(cluster_card(library, thumbnails, cluster) for cluster in range(library.clusters.n_clusters))


def cluster_card(library: FittedLibrary, thumbnails: Sequence[Thumbnail | None], cluster: int) -> ClusterCard:
    """One cluster's card."""
    clusters, description = library.clusters, library.descriptions[cluster]
    shown = representatives(clusters, library.space, cluster, MOSAIC_PHOTOS)
    members = clusters.members(cluster)
    stability = float(clusters.stability[cluster])
    name = printable(description.name) or f"Cluster {cluster}"
    tags = tuple(_cluster_tag(description, place) for place in range(min(len(description.tags), CLUSTER_TAGS)))
    return ClusterCard(
        id=cluster,
        name=name,
        href=cluster_page(cluster),
        tags=tags,
        size=len(members),
        n_labelled=int(np.isin(library.seeds.photos, members).sum()),
        stability="stable" if stability >= STABLE else "fairly stable" if stability >= DISSOLVED else "unstable",
        stability_share=percent(stability),
        source=_SOURCES.get(description.source, ""),
        evidence=f"{tags[0].tag} {tags[0].note}" if tags and description.source == "tags" else "",
        mosaic=tuple(photo_card(library, thumbnails, int(photo)) for photo in shown),
        search=" ".join([name, *(tag.tag for tag in tags)]).casefold(),
        groups=tuple(clusters.parents[:, cluster].tolist()),
    )


def _cluster_tag(description: ClusterDescription, place: int) -> ShownTag:
    """A cluster's tag with its share of all photos, or of the labelled ones where the other is not known."""
    tag, share = description.tags[place]
    if place >= len(description.expected):
        return ShownTag(printable(tag), percent(share))
    of_all = percent(description.expected[place])
    note = f"in {description.n_carrying(place)} of {description.n_labelled} tagged photos, about {of_all} of all"
    return ShownTag(printable(tag), of_all, note=note)


def index_page(library: FittedLibrary, cards: tuple[ClusterCard, ...]) -> IndexPage:
    levels = tuple(
        tuple(GroupHeading(printable(group.name), group.n_photos, len(group.clusters)) for group in groups)
        for groups in cluster_groups(library.clusters, library.descriptions)
    )
    return IndexPage(INDEX_PAGE, library_summary(library), cards, levels)
