"""Which sidecar is a photo's: the one that stands beside it, or the name that the programs look for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from clustertags.photos.files import PHOTO_SUFFIXES, RAW_SUFFIXES, VIDEO_SUFFIXES

SidecarName = Literal["full", "base"]

# Formats of which Lightroom reads a sidecar; of JPEG, TIFF and DNG it reads none.
_BASE_SUFFIXES = RAW_SUFFIXES - {".dng"}
_MEDIA_SUFFIXES = PHOTO_SUFFIXES | VIDEO_SUFFIXES
_SUFFIX = ".xmp"


@dataclass(frozen=True, slots=True)
class Choice:
    """The name of a sidecar; `extension`: what a new one has to say it belongs to, or ""."""

    name: str
    extension: str = ""


class FolderNames:
    """The names of one folder, compared without letter case and in one Unicode normal form."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)
        self._folded: dict[str, list[str]] = {}
        self._media: dict[str, list[str]] = {}
        for name in sorted(self._names):
            self._folded.setdefault(_folded(name), []).append(name)
            if _suffix(name) in _MEDIA_SUFFIXES:
                self._media.setdefault(_folded(_stem(name)), []).append(name)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def choose(self, photo: str, asked: SidecarName | None, extension_of: Callable[[str], str]) -> Choice:
        """The sidecar of the file `photo`, which may or may not exist yet.

        `extension_of` reads `photoshop:SidecarForExtension` of an existing one, "" where it has none.
        """
        is_raw = _suffix(photo) in _BASE_SUFFIXES
        preferred = asked or ("base" if is_raw else "full")
        rivals = [name for name in self._media.get(_folded(_stem(photo)), ()) if name != photo]
        found = {"full": self._full(photo), "base": self._base(photo, rivals, extension_of)}
        for kind in (preferred, "full", "base"):
            if name := found[kind]:
                return Choice(name)
        if preferred == "base" and not self._is_taken(_stem(photo)):
            if not rivals:
                return Choice(_stem(photo) + _SUFFIX)
            if is_raw and not any(_suffix(name) in _BASE_SUFFIXES for name in rivals):
                return Choice(_stem(photo) + _SUFFIX, PurePosixPath(photo).suffix[1:].upper())
        return Choice(photo + _SUFFIX)

    def _full(self, photo: str) -> str | None:
        found = self._folded.get(_folded(photo + _SUFFIX), [])
        exact = [name for name in found if _stem(name) == photo]
        if exact:
            return photo + _SUFFIX if photo + _SUFFIX in exact else exact[0]
        # Beside `a.jpg` and `A.JPG`, `a.jpg.xmp` belongs to the first alone.
        return found[0] if found and len(self._folded[_folded(photo)]) == 1 else None

    def _base(self, photo: str, rivals: list[str], extension_of: Callable[[str], str]) -> str | None:
        stem = _stem(photo)
        found = self._folded.get(_folded(stem + _SUFFIX), [])
        if not found or _folded(stem) in self._folded:  # `photo.jpg.xmp` is not `photo.jpg.tif`'s
            return None
        name = stem + _SUFFIX if stem + _SUFFIX in found else found[0]
        extension = extension_of(name).casefold()
        if extension:
            return name if f".{extension}" == _suffix(photo) and not self._twins(photo, rivals) else None
        return None if rivals else name

    def _twins(self, photo: str, rivals: list[str]) -> bool:
        return any(_suffix(name) == _suffix(photo) for name in rivals)

    def _is_taken(self, stem: str) -> bool:
        """Whether the base name is another file's: it exists already, or is what a file named `stem` would have."""
        return _folded(stem + _SUFFIX) in self._folded or _folded(stem) in self._folded


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.casefold()
