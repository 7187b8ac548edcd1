"""Write the gallery: a folder of pages, scripts, styles and thumbnails that opens from the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from itertools import chain
from pathlib import Path
from typing import Any

from clustertags.errors import StorageError
from clustertags.gallery.folder_swap import replaced_folder
from clustertags.library.model import FittedLibrary
from clustertags.library.subset import without_hidden
from clustertags.pages.arrangement import (
    INDEX_PAGE,
    MAP_DATA,
    MAP_PAGE,
    PHOTOS_A_PAGE,
    ROWS_A_PAGE,
    Arrangement,
    arrange,
    base_of,
    n_pages,
    skipped_page,
    unclustered_page,
)
from clustertags.pages.context import ClusterCard, IndexPage, cluster_cards, index_page
from clustertags.pages.map_data import MapPage, as_script, map_data, map_page
from clustertags.pages.photo_pages import PhotosPage, cluster_pages, unclustered_pages
from clustertags.pages.skipped import SkippedPage, skipped_pages
from clustertags.pages.thumbnails import (
    THUMBNAIL_FOLDER,
    Thumbnail,
    make_thumbnails,
    remove_stale_thumbnails,
)
from clustertags.support.printable import printable
from clustertags.support.templating import environment
from clustertags.types import Progress, no_progress

Page = IndexPage | PhotosPage | SkippedPage | MapPage

TEMPLATE_ROOM = "clustertags.pages"
TEMPLATES = {IndexPage: "index.html", PhotosPage: "photos.html", SkippedPage: "skipped.html", MapPage: "map.html"}
TOP_ENTRIES = frozenset(
    {
        INDEX_PAGE, MAP_PAGE, MAP_DATA, unclustered_page(), skipped_page(), "clusters", "static", THUMBNAIL_FOLDER
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GallerySummary:
    """`index` is the page to open; `without_thumbnail` are the paths of photos that could not be decoded again."""

    index: Path
    n_pages: int
    n_thumbnails_made: int
    n_thumbnails_reused: int
    without_thumbnail: tuple[str, ...]


def write_gallery(library: FittedLibrary, target: Path, *, progress: Progress = no_progress) -> GallerySummary:
    """Write the site to the folder `target`. An earlier gallery there stays intact until the new one replaces it; its
    thumbnails are reused. A folder with any other content is refused. Hidden photos are excluded.
    """
    library = without_hidden(library)
    target = Path(os.path.realpath(target))
    try:
        with replaced_folder(target, TOP_ENTRIES, THUMBNAIL_FOLDER) as site:
            report = make_thumbnails(library.photos, library.root, site, target, progress=progress)
            remove_stale_thumbnails(library.photos, site)
            total = _write_pages(library, report.thumbnails, site, progress)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(
            f"cannot write the gallery {printable(target)}: {reason}; make room or name another folder, "
            "the earlier gallery is unchanged"
        ) from error
    missing = tuple(photo.path for photo, made in zip(library.photos, report.thumbnails, strict=True) if made is None)
    return GallerySummary(target / INDEX_PAGE, total, report.n_made, report.n_reused, missing)


def render(page: Page, **extra: Any) -> str:
    """The page as HTML; `extra` overrides values of its context, such as `base`, the prefix of every URL."""
    template = environment(TEMPLATE_ROOM).get_template(TEMPLATES[type(page)])
    return template.render(
        {"page": page, "library": page.library, "base": base_of(page.href), "layout": "base.html", **extra}
    )


def _write_pages(
    library: FittedLibrary, thumbnails: tuple[Thumbnail | None, ...], site: Path, progress: Progress
) -> int:
    arrangement = arrange(library)
    cards = cluster_cards(library, thumbnails)
    total = _count_pages(library, arrangement)
    (site / "clusters").mkdir()
    with as_file(files(TEMPLATE_ROOM) / "static") as static:
        shutil.copytree(static, site / "static", copy_function=shutil.copyfile)
    for done, page in enumerate(_pages(library, arrangement, thumbnails, cards), start=1):
        (site / page.href).write_text(render(page), encoding="utf-8", newline="\n")
        progress("Writing pages", done, total)
    script = as_script(map_data(library, arrangement, thumbnails, cards))
    (site / MAP_DATA).write_text(script, encoding="ascii", newline="\n")
    return total


def _pages(
    library: FittedLibrary,
    arrangement: Arrangement,
    thumbnails: tuple[Thumbnail | None, ...],
    cards: tuple[ClusterCard, ...],
) -> Iterator[Page]:
    yield index_page(library, cards)
    yield map_page(library, cards)
    yield from chain(
        cluster_pages(library, arrangement, thumbnails, cards),
        unclustered_pages(library, arrangement, thumbnails),
        skipped_pages(library),
    )


def _count_pages(library: FittedLibrary, arrangement: Arrangement) -> int:
    lists = sum(n_pages(len(order), PHOTOS_A_PAGE) for order in (*arrangement.clusters, arrangement.unclustered))
    return 2 + lists + n_pages(len(library.skipped), ROWS_A_PAGE)
