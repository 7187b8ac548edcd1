"""The pages of photos: those of each cluster, closest to its centre first, and those of the unclustered ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from clustertags.library.model import FittedLibrary
from clustertags.pages.arrangement import PHOTOS_A_PAGE, Arrangement, cluster_page, n_pages, unclustered_page
from clustertags.pages.cards import PhotoCard, photo_card
from clustertags.pages.context import ClusterCard, LibrarySummary, library_summary
from clustertags.pages.page_links import PageLink, page_links
from clustertags.pages.reasons import TagReason, photo_reasons
from clustertags.pages.thumbnails import Thumbnail


@dataclass(frozen=True, slots=True)
class PhotosPage:
    """A page of a cluster's photos, or of the unclustered ones where `cluster` is None.

    `first`: number of its first photo, from 1; `reasons`: explanations of the tags of each of `photos`.
    """

    href: str
    library: LibrarySummary
    cluster: ClusterCard | None
    n_photos: int
    first: int
    photos: tuple[PhotoCard, ...]
    reasons: tuple[tuple[TagReason, ...], ...]
    page: int
    pages: tuple[PageLink, ...]
    previous: ClusterCard | None = None
    next: ClusterCard | None = None


def cluster_pages(
    library: FittedLibrary,
    arrangement: Arrangement,
    thumbnails: Sequence[Thumbnail | None],
    cards: tuple[ClusterCard, ...],
    photos_a_page: int = PHOTOS_A_PAGE,
) -> Iterator[PhotosPage]:
    """Every page of every cluster, one at a time."""
    for card, order in zip(cards, arrangement.clusters, strict=True):
        for page in _pages(library, order, thumbnails, partial(cluster_page, card.id), photos_a_page):
            yield replace(
                page,
                cluster=card,
                previous=cards[card.id - 1] if card.id > 0 else None,
                next=cards[card.id + 1] if card.id + 1 < len(cards) else None,
            )


def unclustered_pages(
    library: FittedLibrary,
    arrangement: Arrangement,
    thumbnails: Sequence[Thumbnail | None],
    photos_a_page: int = PHOTOS_A_PAGE,
) -> Iterator[PhotosPage]:
    """At least one page, which says so where every photo has a cluster."""
    yield from _pages(library, arrangement.unclustered, thumbnails, unclustered_page, photos_a_page)


def _pages(
    library: FittedLibrary,
    order: NDArray[np.intp],
    thumbnails: Sequence[Thumbnail | None],
    href: Callable[[int], str],
    photos_a_page: int,
) -> Iterator[PhotosPage]:
    summary = library_summary(library)
    hrefs = [href(number) for number in range(1, n_pages(len(order), photos_a_page) + 1)]
    for page, own_href in enumerate(hrefs, start=1):
        first = (page - 1) * photos_a_page
        shown = order[first : first + photos_a_page].tolist()
        yield PhotosPage(
            href=own_href,
            library=summary,
            cluster=None,
            n_photos=len(order),
            first=first + 1,
            photos=tuple(photo_card(library, thumbnails, photo) for photo in shown),
            reasons=tuple(photo_reasons(library, shown)),
            page=page,
            pages=page_links(page, hrefs),
        )
