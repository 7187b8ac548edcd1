"""Find the photo with a given name, as people and other programs write paths."""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Iterator

from clustertags.types import PhotoSet

_AMBIGUOUS = -1


class PhotoNames:
    """The names of a folder's photos, and of the files that were skipped."""

    def __init__(self, photos: PhotoSet) -> None:
        self._exact = {path: at for at, photo in enumerate(photos.photos) for path in photo.files}
        self._skipped = {item.path for item in photos.skipped}
        self._composed: dict[str, int] = {}
        for path, at in self._exact.items():
            if self._composed.setdefault(_composed(path), at) != at:
                self._composed[_composed(path)] = _AMBIGUOUS
        # The person may have written a link to the folder, or the folder itself.
        self.roots = tuple(dict.fromkeys((os.path.abspath(photos.root), os.path.realpath(photos.root))))  # noqa: PTH100

    def find(self, name: str) -> int | None:
        """The index of the photo of this name, or None.

        Tried in this order: the name unchanged, without `./` and the like, relative to the folder where it is
        absolute, with `/` for each backslash, without surrounding spaces; then all of these again with accents
        composed, where that is unambiguous.
        """
        for path in self.spellings(name):
            if path in self._exact:
                return self._exact[path]
        for path in self.spellings(name):
            at = self._composed.get(_composed(path), _AMBIGUOUS)
            if at != _AMBIGUOUS:
                return at
        return None

    def is_skipped(self, name: str) -> bool:
        """Whether this is a file of the folder that is not used."""
        return any(path in self._skipped for path in self.spellings(name))

    def spellings(self, name: str) -> Iterator[str]:
        """The ways to read a name that `find` tries."""
        for text in dict.fromkeys((name, name.replace("\\", "/"), name.strip(), name.strip().replace("\\", "/"))):
            yield text
            if not text:
                continue
            path = posixpath.normpath(text)
            yield path
            if path.startswith("/"):
                for root in self.roots:
                    prefix = root.replace(os.sep, "/").rstrip("/") + "/"
                    if path.startswith(prefix):
                        yield path.removeprefix(prefix)


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)
