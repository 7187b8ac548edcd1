"""A form of photos to label: a field for the tags of each, and a button that saves the labels as a CSV file."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from clustertags.errors import UsageError
from clustertags.gallery.folder_swap import replaced_folder
from clustertags.gallery.site import TEMPLATE_ROOM
from clustertags.library.storage import storage_errors, write_atomically
from clustertags.pages.cards import percent
from clustertags.pages.thumbnails import THUMBNAIL_FOLDER, Thumbnail, make_thumbnails
from clustertags.support.printable import printable
from clustertags.support.templating import environment
from clustertags.types import Progress, no_progress
from clustertags.workflows.suggest import PhotoToTag, Suggestions

INDEX = "index.html"
STATIC = "static"
STATIC_FILES = ("gallery.css", "icon.svg", "sheet.css", "sheet.js")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One photo on the page. `image`: its path as JSON, which the script writes to CSV; `name`: the path to show."""

    image: str
    name: str
    thumbnail: Thumbnail | None
    reason: str
    cluster: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The context of the template. `base`: prefix of every URL; `vocabulary`: the tags offered for completion."""

    title: str
    base: str
    rows: tuple[SheetRow, ...]
    vocabulary: tuple[str, ...]
    n_unlabelled: int


def write_sheet(suggestions: Suggestions, target: Path, *, progress: Progress = no_progress) -> Path:
    """Write the page to the folder `target`, or, if `target` is an HTML file, to it and a folder next to it.

    Returns the page. Raises `UsageError` if other files exist there, `StorageError` if the disk is full.
    """
    target = Path(os.path.realpath(target))
    single_page = target.suffix.lower() in {".html", ".htm"}
    folder = target.with_name(f"{target.stem}_files") if single_page else target
    if single_page and target.exists() and not folder.is_dir():
        raise UsageError(f"{printable(target)} exists already: name a new file")
    own = frozenset({STATIC, THUMBNAIL_FOLDER} | (set() if single_page else {INDEX}))
    photos = [suggestions.library.photos[item.photo] for item in suggestions.photos]
    with storage_errors(target), replaced_folder(folder, own, THUMBNAIL_FOLDER) as site:
        report = make_thumbnails(photos, suggestions.library.root, site, folder, progress=progress)
        (site / STATIC).mkdir()
        with as_file(files(TEMPLATE_ROOM) / "static") as static:
            for name in STATIC_FILES:
                shutil.copyfile(static / name, site / STATIC / name)
        if not single_page:
            (site / INDEX).write_text(render(sheet_of(suggestions, report.thumbnails, "")), encoding="utf-8")
    if single_page:
        with storage_errors(target):
            page = render(sheet_of(suggestions, report.thumbnails, f"{_quoted(folder.name)}/"))
            write_atomically(target, page.encode())
    return target if single_page else target / INDEX


def sheet_of(suggestions: Suggestions, thumbnails: Sequence[Thumbnail | None], base: str) -> Sheet:
    """The page's content; `thumbnails[i]` belongs to the i-th suggested photo."""
    library = suggestions.library
    names = {tag for item in library.descriptions for tag, _ in item.tags}
    rows = tuple(_row(item, picture) for item, picture in zip(suggestions.photos, thumbnails, strict=True))
    vocabulary = library.seeds.vocabulary or tuple(sorted(names))
    return Sheet(printable(library.root.name or "Photos"), base, rows, vocabulary, suggestions.n_unlabelled)


def render(sheet: Sheet) -> str:
    return environment(TEMPLATE_ROOM).get_template("sheet.html").render({"sheet": sheet, "base": sheet.base})


def _row(item: PhotoToTag, thumbnail: Thumbnail | None) -> SheetRow:
    tags = tuple((tag, percent(score)) for tag, score in item.best_tags)
    return SheetRow(json.dumps(item.path), printable(item.path), thumbnail, item.reason, printable(item.cluster), tags)


def _quoted(name: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415

    return quote(name)
