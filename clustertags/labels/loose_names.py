"""Find the photos of a list whose paths are not written as they stand in the folder, where that is unambiguous."""

from __future__ import annotations

import posixpath
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from clustertags.labels.photo_names import PhotoNames
from clustertags.types import PhotoSet

_SEVERAL = -1
_SKIPPED = -2
URL, FOLDER, CASE, END, NAME = (
    "with URL escapes",
    "with the folder's name in front",
    "in another letter case",
    "by the end of the path",
    "by the file name alone",
)
"""How a name was found, in words."""


@dataclass(slots=True)
class FoundNames:
    """Photos of a list by the image as it is written there; `how`: way to find to the images so found; `several`:
    images that could be more than one photo; `skipped`: those of files that are not used; the rest is `unknown`.
    """

    photos: dict[str, int] = field(default_factory=dict)
    how: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    several: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def add(self, image: str, photo: int, how: str = "") -> None:
        if photo == _SKIPPED:
            self.skipped.append(image)
        elif photo == _SEVERAL:
            self.several.append(image)
        else:
            self.photos[image] = photo
            if how:
                self.how[how].append(image)


def find_names(photos: PhotoSet, images: Iterable[str]) -> FoundNames:
    """Find each image of a list: as `PhotoNames` does, and what is left in looser ways, the first that fits.

    URL escapes are undone; what stands before the name of the photo folder is taken away; letter case is ignored; the
    path is the end of one photo's path. A whole folder of the list is taken for one of the library where at least half
    of its file names are there, and nothing else in the list names a photo of that folder.
    """
    names, found = PhotoNames(photos), FoundNames()
    loose: _LooseNames | None = None
    left: list[str] = []
    by_end: dict[str, tuple[int, str]] = {}
    for image in dict.fromkeys(images):
        photo = names.find(image)
        if photo is not None:
            found.add(image, photo)
        elif names.is_skipped(image):
            found.add(image, _SKIPPED)
        else:
            loose = loose or _LooseNames(photos, names)
            at, how = loose.find(image)
            if how in {END, NAME}:
                by_end[image] = at, how
            elif how:
                found.add(image, at, how)
            else:
                left.append(image)
    _add_ends(by_end, found)
    if loose and left:
        loose.add_folders(left, found)
    return found


def _add_ends(by_end: Mapping[str, tuple[int, str]], found: FoundNames) -> None:
    """Add what was found by the end of its path, unless two rows name that photo by different paths."""
    files = Counter((at, _file_name(image)) for image, at in found.photos.items())
    files.update((at, _file_name(image)) for image, (at, _) in by_end.items())
    for image, (at, how) in by_end.items():
        found.add(image, _SEVERAL if files[at, _file_name(image)] > 1 and at >= 0 else at, how)


def _file_name(path: str) -> str:
    return _folded(posixpath.basename(path.replace("\\", "/").strip()))


class _LooseNames:
    """The photos, and the files that are skipped, by folded path and by every end of it."""

    def __init__(self, photos: PhotoSet, names: PhotoNames) -> None:
        self._photos, self._names = photos, names
        self._roots = {_folded(posixpath.basename(root.replace("\\", "/"))) for root in names.roots} - {""}
        self._whole: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        paths = [(path, at) for at, photo in enumerate(photos.photos) for path in photo.paths]
        for path, at in (*paths, *((file.path, _SKIPPED) for file in photos.skipped if file.is_photo)):
            folded = _folded(path)
            _put(self._whole, folded, at)
            for end in _ends(folded):
                _put(self._ends, end, at)

    def find(self, image: str) -> tuple[int, str]:
        """The photo of this name, or `_SKIPPED` or `_SEVERAL`, and how it was found; "" where it was not."""
        written = list(dict.fromkeys(self._names.spellings(image)))
        escaped = [text for text in self._names.spellings(unquote(image)) if text not in written]
        below = [rest for text in (*written, *escaped) for rest in self._below_root(text)]
        for how, texts in ((URL, escaped), (FOLDER, below)):
            for text in texts:
                if (photo := self._names.find(text)) is not None:
                    return photo, how
                if self._names.is_skipped(text):
                    return _SKIPPED, how
        for how, index in ((CASE, self._whole), (END, self._ends)):
            for text in (*written, *escaped, *below):
                if (at := index.get(_folded(text))) is not None:
                    return at, NAME if how == END and "/" not in text else how
        return _SEVERAL, ""

    def add_folders(self, images: Sequence[str], found: FoundNames) -> None:
        """Find whole folders of the list by the names in them; what is not found is unknown."""
        named = {posixpath.dirname(path) for at in found.photos.values() for path in self._photos.photos[at].paths}
        groups: dict[str, dict[str, int]] = defaultdict(dict)
        for image in images:
            path = next(reversed([*self._names.spellings(image)]), image).replace("\\", "/")
            folder, name = posixpath.split(path)
            groups[folder][image] = self._ends.get(_folded(name), _SEVERAL) if folder else _SEVERAL
        homes = {folder: self._home(tuple(group.values())) for folder, group in groups.items()}
        taken = [home for home in homes.values() if home is not None]
        for folder, group in groups.items():
            home = homes[folder]
            fits = home is not None and home not in named and taken.count(home) == 1
            for image, at in group.items():
                if fits and at >= 0:
                    found.add(image, at, NAME)
                else:
                    found.unknown.append(image)

    def _home(self, photos: Sequence[int]) -> str | None:
        """The one folder of these photos, of which at least half are found; None where there is none."""
        there = [at for at in photos if at >= 0]
        if 2 * len(there) < len(photos) or not there:
            return None
        common = set.intersection(
            *({posixpath.dirname(path) for path in self._photos.photos[at].paths} for at in there)
        )
        return min(common, default=None)

    def _below_root(self, text: str) -> Iterator[str]:
        """What stands after the photo folder's name, for each place where that stands."""
        parts = text.split("/")
        for at, part in enumerate(parts[:-1]):
            if _folded(part) in self._roots:
                yield "/".join(parts[at + 1 :])


def _put(index: dict[str, int], key: str, at: int) -> None:
    if index.setdefault(key, at) != at:
        index[key] = _SEVERAL


def _ends(path: str) -> Iterator[str]:
    """`a/b/c`: itself, `b/c`, `c`."""
    while path:
        yield path
        path = path.partition("/")[2]


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
