"""The page of each photo, and the file name of each page.

File names are numbers, so that no file name or link contains the name of a photo or a tag. All URLs are relative to
the site's first page.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.representatives import by_closeness
from clustertags.library.model import FittedLibrary
from clustertags.types import UNCLUSTERED

PHOTOS_A_PAGE = 200
ROWS_A_PAGE = 200

INDEX_PAGE = "index.html"
MAP_PAGE = "map.html"
MAP_DATA = "map-data.js"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The order of photos on pages.

    `clusters`: photo indices of each cluster, closest to the centre first. `unclustered`: photo indices by path.
    `page_of`: (n_photos,) int32, the page of its cluster that shows the photo, from 1.
    """

    clusters: tuple[NDArray[np.intp], ...]
    unclustered: NDArray[np.intp]
    page_of: NDArray[np.int32]


def arrange(library: FittedLibrary, photos_a_page: int = PHOTOS_A_PAGE) -> Arrangement:
    """Order the photos of every cluster and number their pages."""
    clusters = library.clusters
    orders = tuple(
        np.asarray(by_closeness(clusters, library.space, cluster), dtype=np.intp)
        for cluster in range(clusters.n_clusters)
    )
    unclustered = np.flatnonzero(clusters.labels == UNCLUSTERED)
    page_of = np.ones(library.n_photos, dtype=np.int32)
    for order in (*orders, unclustered):
        page_of[order] = np.arange(len(order)) // photos_a_page + 1
    return Arrangement(orders, unclustered, page_of)


def n_pages(n_items: int, items_a_page: int) -> int:
    """The number of pages for `n_items`; an empty list has one page as well."""
    return max(1, -(-n_items // items_a_page))


def cluster_page(cluster: int, page: int = 1) -> str:
    return f"clusters/{cluster:04d}-{page}.html"


def unclustered_page(page: int = 1) -> str:
    return f"unclustered-{page}.html"


def skipped_page(page: int = 1) -> str:
    return f"skipped-{page}.html"


def photo_anchor(photo: int) -> str:
    """The URL fragment of a photo on its page."""
    return f"p{photo}"


def base_of(href: str) -> str:
    """The relative path from the page `href` to the site's first page: `../` for each folder it is in."""
    return "../" * href.count("/")
