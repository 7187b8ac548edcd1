"""Folders and files that systems and programs keep among photos for themselves: rubbish, previews, other libraries."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path

LEFT_OUT = "hidden, or another program's own"
"""Why such a folder or file is skipped."""

# Synology's previews, network drives' and Windows' rubbish, and what Windows and file systems keep for themselves.
_NAMES = frozenset({"@eadir", "#recycle", "#snapshot", "$recycle.bin", "system volume information", "lost+found"})
_LIBRARIES = (frozenset({"library.sqlite", "CURRENT"}), frozenset({"gallery.json", "index.html"}))


def is_left_out(name: str) -> bool:
    """Whether a folder or file of this name is hidden (`.thumbnails`, `._a.jpg`) or another program's."""
    return name.startswith(".") or name.casefold() in _NAMES


def is_library_folder(folder: Path) -> bool:
    """`is_library` for a folder that is not listed."""
    return any(all((folder / name).exists() for name in marks) for marks in _LIBRARIES)


def is_library(names: AbstractSet[str]) -> bool:
    """Whether a folder with these entries is a library's artifacts or a gallery, whose pictures are no photos."""
    return any(marks <= names for marks in _LIBRARIES)
