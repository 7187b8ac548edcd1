"""The `.xmp` files beside photos, found in the list of a folder's files whatever the case of their names."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from clustertags.photos.xmp_keywords import MAX_XMP_BYTES

SUFFIX = ".xmp"


def is_sidecar(path: str) -> bool:
    """Whether a file is a sidecar by its name."""
    return path.lower().endswith(SUFFIX)


class Sidecars:
    """The sidecars among the files of a folder. `photos`, `files`: relative paths with `/` between the parts."""

    def __init__(self, photos: Iterable[str], files: Iterable[str]) -> None:
        self._stems: dict[str, list[str]] = defaultdict(list)
        exact = {name for path in photos for name in _names(path)}
        self._exact: dict[str, list[str]] = defaultdict(list)
        for file in sorted(file for file in files if is_sidecar(file)):
            stem = file[: -len(SUFFIX)]
            # A name that is some photo's in this very case is not another photo's in another case.
            (self._exact[stem] if stem in exact else self._stems[_folded(stem)]).append(file)

    def __bool__(self) -> bool:
        return bool(self._stems or self._exact)

    def beside(self, photo: str) -> list[str]:
        """The sidecars of a photo, the one to use first: `photo.jpg.xmp` before `photo.xmp`, the photo's own case
        before another.
        """
        found = (
            file for name in _names(photo) for file in (*self._exact.get(name, ()), *self._stems.get(_folded(name), ()))
        )
        return list(dict.fromkeys(found))


def read_sidecar(path: Path) -> bytes | None:
    """The bytes of a sidecar; None where it is no regular file, is too large, or cannot be read. Follows no link."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_XMP_BYTES:
            return None
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            return file.read(MAX_XMP_BYTES + 1)
    except (OSError, ValueError):
        return None


def _names(photo: str) -> tuple[str, str]:
    """The photo's path, and the same without its suffix: what may stand before `.xmp`."""
    return photo, os.path.splitext(photo)[0]  # noqa: PTH122  (not of a file of this system)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
