"""Point a library at its photos after their folder was moved or renamed.

photos below the new folder -> enough of them, with the same content -> catalogue and model name the new folder
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clustertags.errors import PhotosError
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.publishing import publish_moved
from clustertags.library.saving import PHOTOS_FILE, read_json, reading
from clustertags.library.scan import READER
from clustertags.support.digests import file_sha256
from clustertags.support.files import size_of_file
from clustertags.support.printable import printable
from clustertags.types import Progress, no_progress

SAMPLED_PHOTOS = 32
_STAGE = "Finding photos"


@dataclass(frozen=True, slots=True)
class Relocation:
    """A library's folder before and after, and the paths of photos that were not found below the new one."""

    before: Path
    after: Path
    n_photos: int
    missing: tuple[str, ...]

    @property
    def n_found(self) -> int:
        return self.n_photos - len(self.missing)


def relocate(folder: Path, artifacts: Path = DEFAULT_FOLDER, progress: Progress = no_progress) -> Relocation:
    """Name `folder` as the place of the library's photos; nothing else changes, and no photo is decoded.

    More than half of the photos have to be below `folder`, by relative path and, where the catalogue knows it, size;
    of at most `SAMPLED_PHOTOS` of those found more than half must have the content that was fitted. Relocating back
    undoes it. Raises `PhotosError` where they are not, `ArtifactsError` where the library cannot be used.
    """
    places, after = Artifacts(artifacts), folder.absolute()
    if not after.is_dir():
        what = "is not a folder" if after.exists() else "does not exist"
        raise PhotosError(f"{printable(after)} {what}: name the folder that holds the photos now")
    with places.writing():
        version = places.current()
        version.verify()
        with reading(version):
            listed = read_json(version, PHOTOS_FILE)
            before, photos = Path(listed["root"]), [(item[0], item[1:]) for item in listed["photos"]]
        sizes = _known_sizes(places, before)
        found = [_first_found(after, paths, sizes) for paths in _counted(photos, progress)]
        _check_found(before, after, photos, found)
        if after != before:
            _move(places, version, before, after)
    missing = (paths[0] for (_, paths), path in zip(photos, found, strict=True) if path is None)
    return Relocation(before, after, len(photos), tuple(missing))


def library_root(artifacts: Path) -> Path:
    """The photo folder that a library names. Raises `ArtifactsError`."""
    version = Artifacts(artifacts).current()
    version.verify([PHOTOS_FILE])
    with reading(version):
        return Path(read_json(version, PHOTOS_FILE)["root"])


def _known_sizes(places: Artifacts, root: Path) -> dict[str, int]:
    """The sizes in bytes of the files below `root`, by path; empty where the catalogue is gone."""
    if not places.catalogue.is_file():
        return {}
    with Catalogue(places.catalogue) as catalogue:
        return {path: known.file.size_bytes for path, known in catalogue.known_files(root, READER).items()}


def _counted(photos: Sequence[tuple[str, list[str]]], progress: Progress) -> Iterator[list[str]]:
    for done, (_, paths) in enumerate(photos, start=1):
        yield paths
        progress(_STAGE, done, len(photos))


def _first_found(root: Path, paths: Sequence[str], sizes: Mapping[str, int]) -> Path | None:
    """The first of a photo's files that is below `root` with its size."""
    for path in paths:
        size = size_of_file(root / path)
        if size is not None and sizes.get(path, size) == size:
            return root / path
    return None


def _check_found(before: Path, after: Path, photos: Sequence[tuple[str, Any]], found: Sequence[Path | None]) -> None:
    there = [(content_hash, path) for (content_hash, _), path in zip(photos, found, strict=True) if path]
    library = f"of the {len(photos):,} photos of the library, which were below {printable(before)}"
    if 2 * len(there) <= len(photos):
        raise PhotosError(
            f"{printable(after)} holds {len(there):,} {library}, by name and size: name the folder that holds them "
            "now; nothing was changed"
        )
    sample = there[:: math.ceil(len(there) / SAMPLED_PHOTOS)]
    same = sum(_has_content(path, content_hash) for content_hash, path in sample)
    if 2 * same <= len(sample):
        raise PhotosError(
            f"{printable(after)} holds files with the names {library}, but of {len(sample)} that were read {same} have "
            "the same content: name the folder that holds them now; nothing was changed"
        )


def _has_content(path: Path, content_hash: str) -> bool:
    try:
        return file_sha256(path) == content_hash
    except OSError:
        return False


def _move(places: Artifacts, version: Version, before: Path, after: Path) -> None:
    """The model first: a kill in between costs the next fit no more than reading the files once."""
    publish_moved(places, version, after)
    if places.catalogue.is_file():
        with Catalogue(places.catalogue) as catalogue:
            catalogue.move_root(before, after)
            catalogue.sidecars.move(before, after)
