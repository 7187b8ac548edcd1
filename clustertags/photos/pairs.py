"""Files that are one photo: a RAW file next to the JPEG or HEIC that was made of it, and the video of a Live Photo.

They lie in one folder and have one base name, in any letter case and Unicode form. The JPEG or HEIC is what is decoded;
the others are its companions.
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from clustertags.photos.files import RAW_SUFFIXES
from clustertags.types import Photo

MAIN_SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".heic", ".heif", ".hif")
"""Of two photos of one base name, the companions go with the one whose suffix comes first here."""

LIVE_SUFFIXES = frozenset({".mov", ".mp4"})


def companions_of(paths: Iterable[str]) -> dict[str, str]:
    """The path of each companion among `paths` (with `/` between the parts), and that of the photo it goes with."""
    mains: dict[str, str] = {}
    others: list[str] = []
    for path in sorted(paths):
        suffix = _suffix(path)
        if suffix in MAIN_SUFFIXES:
            rival = mains.setdefault(_key(path), path)
            if MAIN_SUFFIXES.index(suffix) < MAIN_SUFFIXES.index(_suffix(rival)):
                mains[_key(path)] = path
        elif suffix in RAW_SUFFIXES or suffix in LIVE_SUFFIXES:
            others.append(path)
    return {path: mains[_key(path)] for path in others if _key(path) in mains}


def listed_photos(paths: Iterable[str]) -> tuple[Photo, ...]:
    """The photos of these paths in their order, without content hashes, each with its companions among them."""
    listed = list(paths)
    companions = companions_of(listed)
    of_photo: dict[str, list[str]] = defaultdict(list)
    for companion, path in sorted(companions.items()):
        of_photo[path].append(companion)
    return tuple(Photo("", (path,), tuple(of_photo[path])) for path in listed if path not in companions)


def photo_beside(path: Path) -> Path | None:
    """The JPEG or HEIC that a RAW file goes with, where it is spelt alike; None for any other file."""
    if path.suffix.lower() not in RAW_SUFFIXES:
        return None
    spellings = (spelt for suffix in MAIN_SUFFIXES for spelt in (suffix, suffix.upper()))
    # `Path.is_file` raises for a name that is too long.
    return next((beside for beside in map(path.with_suffix, spellings) if os.path.isfile(beside)), None)  # noqa: PTH113


def is_raw(path: str) -> bool:
    """Whether a file is a RAW file by its name."""
    return _suffix(path) in RAW_SUFFIXES


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _key(path: str) -> str:
    """The folder as it is and the base name without case: two folders that differ in case are two."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{unicodedata.normalize('NFC', PurePosixPath(name).stem).casefold()}"
