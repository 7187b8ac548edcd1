"""Folders and files that systems and programs keep among photos for themselves: rubbish, previews, other libraries."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from pathlib import Path

from clustertags.support.counts import plural

LEFT_OUT = "hidden, or another program's own"
"""Why such a folder or file is skipped."""

# Names in any case. Hidden are, among others, .thumbnails, .Trash-1000, .Trashes, .@__thumb (QNAP), .dtrash (digiKam),
# .picasaoriginals, .AppleDouble and the ._x.jpg of macOS.
_NAMES = frozenset(
    {"@eadir", "@tmp", "#recycle", "#snapshot"}  # Synology
    | {"@recycle", "@recently-snapshot"}  # QNAP
    | {"$recycle.bin", "recycler", "recycled", "system volume information"}  # Windows
    | {"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"}
    | {"__macosx", "network trash folder", "temporary items", "ipod photo cache"}  # macOS, iTunes
    | {"lost+found"}
)
_PATTERNS = re.compile(r"found\.\d{3}|.*\.(lrdata|lrcat-data|cocatalogdb|cosessiondb)", re.IGNORECASE | re.DOTALL)
"""What Windows found on a damaged disk, previews of Lightroom, databases of Capture One."""

_APPLE_LIBRARIES = (".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary")
_APPLE_ORIGINALS = frozenset({"originals", "masters"})

_LIBRARIES = (
    frozenset({"library.sqlite", "CURRENT"}),
    frozenset({"gallery.json", "index.html"}),
    frozenset({".ppstorage"}),  # PhotoPrism's thumbnails
)
_IMMICH_MARK, _IMMICH_FOLDERS = ".immich", frozenset({"thumbs", "encoded-video", "profile"})


def is_left_out(name: str, folder: str = "") -> bool:
    """Whether a folder or file of this name, in a folder of that name, is hidden or another program's.

    Of the libraries of Apple's programs the originals are photos, all else is previews and data.
    """
    if name.startswith(".") or name.casefold() in _NAMES or _PATTERNS.fullmatch(name):
        return True
    parent = folder.casefold()
    if parent.endswith(_APPLE_LIBRARIES):
        return name.casefold() not in _APPLE_ORIGINALS
    return parent == "captureone" and name.casefold() == "cache"


def is_library_folder(folder: Path) -> bool:
    """`is_library` for a folder that is not listed."""
    of_immich = folder.name.casefold() in _IMMICH_FOLDERS and (folder / _IMMICH_MARK).exists()
    return of_immich or any(all((folder / name).exists() for name in marks) for marks in _LIBRARIES)


def is_library(names: AbstractSet[str], folder: str = "") -> bool:
    """Whether a folder of this name with these entries is a library's artifacts, a gallery, or another program's
    thumbnails, none of which are photos.
    """
    of_immich = _IMMICH_MARK in names and folder.casefold() in _IMMICH_FOLDERS
    return of_immich or any(marks <= names for marks in _LIBRARIES)


def left_out_line(number: int) -> str | None:
    """`3 hidden folders or files left out`, None for none."""
    return f"{plural(number, 'hidden folder or file', 'hidden folders or files')} left out" if number else None
