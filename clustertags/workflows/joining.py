"""Which of the files that were read join a library as photos, and which are further files of known ones."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clustertags.errors import PhotosError
from clustertags.library.model import FittedLibrary
from clustertags.support.printable import printable
from clustertags.types import Photo, PhotoSet, SkippedFile


@dataclass(frozen=True, slots=True)
class Joining:
    """`photos`: the library's own with their files as they are now; `new`: those that join; `skipped`: all skipped
    files of the library. `n_copies`: further files of known photos; `n_moved`: those whose earlier place is empty;
    `n_changed`: files of the library with other content than at the fit, which are left for the next one; `n_known`:
    files that are as they were.
    """

    photos: tuple[Photo, ...]
    new: tuple[Photo, ...]
    skipped: tuple[SkippedFile, ...]
    n_copies: int
    n_moved: int
    n_changed: int
    n_known: int


def join(library: FittedLibrary, found: PhotoSet, companions: Mapping[str, int]) -> Joining:
    """Compare what was found below the library's folder to its photos.

    `companions`: found files that go with photos of the library, by index.
    """
    photos, new = list(library.photos), list[Photo]()
    owner = {path: at for at, photo in enumerate(photos) for path in photo.files}
    index_of = {photo.content_hash: at for at, photo in enumerate(photos)}
    n_copies = n_moved = n_changed = n_known = 0
    for item in found.photos:
        at = index_of.get(item.content_hash)
        own = tuple(path for path in item.paths if owner.get(path, at) == at)
        n_changed += len(item.paths) - len(own)
        if at is None:
            if own:
                new.append(Photo(item.content_hash, own, item.companions))
            continue
        photo = photos[at]
        further = sorted(set(own) - set(photo.files))
        n_known += len(own) - len(further)
        # A file of a known photo at a new place is a copy where the earlier one is still there.
        kept = [path for path in photo.files if not further or os.path.lexists(library.root / path)]
        moved = min(len(further), len(photo.files) - len(kept))
        n_copies, n_moved = n_copies + len(further) - moved, n_moved + moved
        photos[at] = _with_files(photo, (*further, *kept), item.companions)
    for path, at in companions.items():
        photos[at] = _with_files(photos[at], photos[at].files, (path,))
    used = {path for photo in (*photos, *new) for path in photo.files}
    by_path = {file.path: file for file in (*library.skipped, *found.skipped) if file.path not in used}
    skipped = tuple(by_path[path] for path in sorted(by_path))
    return Joining(tuple(photos), tuple(new), skipped, n_copies, n_moved, n_changed, n_known)


def _with_files(photo: Photo, files: Sequence[str], companions: Sequence[str]) -> Photo:
    """The photo with these files, of which those that were companions stay companions, and with further ones."""
    paths = sorted(set(files) - set(photo.companions))
    beside = sorted({*companions, *(path for path in files if path in photo.companions)})
    return Photo(photo.content_hash, tuple(paths), tuple(beside))


def place_of(path: Path, root: Path) -> str:
    """The path of a file or folder below the library's folder, see `discovery.discover`. Raises `PhotosError`."""
    place = _relative_path(path, root)
    if place is None:
        raise PhotosError(
            f"{printable(path)} is outside {printable(root)}, the library's folder: move or copy it there first, or "
            "fit a folder that holds both"
        )
    if not (root / place).exists() and not (root / place).is_symlink():
        raise PhotosError(f"{printable(path)} does not exist: name a photo or a folder of photos")
    return place


def _relative_path(path: Path, root: Path) -> str | None:
    """A path below the library's folder, `/` between its parts, "" for the folder itself; None for one outside, by
    any of its names.
    """
    given = Path(os.path.abspath(path))  # noqa: PTH100 - without `..`, links kept
    real = Path(os.path.realpath(given.parent)) / given.name
    for below, above in ((given, root), (real, Path(os.path.realpath(root))), (Path(os.path.realpath(given)), root)):
        if below.is_relative_to(above):
            inside = below.relative_to(above).as_posix()
            return "" if inside == "." else inside
    return None
