"""The photos of the library in use: a fit does not drop most of them unasked, as where a disk is not mounted."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from clustertags.errors import ArtifactsError, MissingPhotosError, PhotosError
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue, KnownFile
from clustertags.library.saving import PHOTOS_FILE, read_json, reading
from clustertags.photos.discovery import EXCLUDED, Discovery
from clustertags.photos.files import GONE_REASONS
from clustertags.photos.left_out_folders import LEFT_OUT
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, SkippedFile

_NO_READER = ""  # of skipped files none is asked for


@dataclass(frozen=True, slots=True)
class EarlierPhotos:
    """The photos that a library had before a fit; more than half of them must be there still.

    Attributes
    ----------
    root : Path
        Their folder.
    paths : mapping of str to tuple of str
        Content hash to the paths below `root`.
    sizes : mapping of str to int
        Size in bytes by path, as far as the catalogue knows it.
    version : str
        The version in use that has them, "" where there is none.
    same_folder : bool
        Whether `root` is the folder of the fit; photos of another one cannot be missing.
    allow_missing : bool
        Whether all may be gone.
    """

    root: Path = field(default_factory=Path)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    version: str = ""
    same_folder: bool = True
    allow_missing: bool = False

    @property
    def _is_checked(self) -> bool:
        return bool(self.paths) and self.same_folder and not self.allow_missing

    @contextmanager
    def finding(self) -> Iterator[None]:
        """Say in place of any other `PhotosError` that all photos are gone. Raises `MissingPhotosError`."""
        try:
            yield
        except MissingPhotosError:
            raise
        except PhotosError as error:
            if not self._is_checked:
                raise
            total = len(self.paths)
            raise MissingPhotosError(
                f"{total:,} of the {plural(total, 'photo')} of the library are gone, as {printable(self.root)} is "
                "empty, missing or not readable: is its disk mounted? Nothing was changed; if the folder has moved, "
                "`clustertags relocate NEW` names its new place, and a fit needs a photo with --allow-missing, too"
            ) from error

    def check_found(self, found: Discovery) -> None:
        """Raise `MissingPhotosError` if most photos cannot be among the files found, under any name.

        A file of a new name counts for a photo of its size; whether it is that photo is told when it is read.
        """
        if not self._is_checked:
            return
        there = {file.path for file in found.files}
        gone = self._gone({}, there, found.skipped)
        known = {path for paths in self.paths.values() for path in paths}
        new = Counter(file.size_bytes for file in found.files if file.path not in known)
        sizes = Counter(
            next((self.sizes[path] for path in self.paths[item] if path in self.sizes), -1) for item in gone
        )
        n_renamed = sum(min(count, new.total() if size < 0 else new[size]) for size, count in sizes.items())
        self._check(len(gone) - n_renamed)

    def check_read(self, outcomes: Mapping[str, KnownFile], found: Discovery) -> None:
        """Raise `MissingPhotosError` if most photos are not among those that were read, or the folder vanished
        meanwhile.
        """
        if self.allow_missing:
            return
        _check_still_there(found.root, outcomes)
        if self._is_checked:
            hashes = {item.content_hash: 0 for item in outcomes.values() if item.content_hash}
            there = {path for path, item in outcomes.items() if item.content_hash}
            self._check(len(self._gone(hashes, there, found.skipped)))

    def notices(self, photos: PhotoSet) -> tuple[str, ...]:
        """A line on photos that the library no longer has."""
        hashes = {photo.content_hash: 0 for photo in photos.photos}
        there = {path for photo in photos.photos for path in photo.paths}
        gone = self._gone(hashes, there if self.same_folder else (), photos.skipped)
        total = plural(len(self.paths), "photo")
        back = f"; `clustertags restore {self.version}` brings it back" if self.version else ""
        if gone and self.same_folder:
            return (f"{len(gone):,} of the {total} that the library had are gone from {printable(self.root)}{back}",)
        if 2 * len(gone) > len(self.paths):
            return (f"the library was of {printable(self.root)} with {total}, and is of another folder now{back}",)
        return ()

    def _gone(
        self, hashes: Mapping[str, int], there: set[str] | tuple[()], skipped: Sequence[SkippedFile]
    ) -> list[str]:
        """Content hashes of photos that are neither there nor left out on purpose."""
        left_out = {file.path for file in skipped if file.reason in {EXCLUDED, LEFT_OUT}}
        is_there: Callable[[str], bool] = lambda path: path in there or _is_below(path, left_out)  # noqa: E731
        return [item for item, paths in self.paths.items() if item not in hashes and not any(map(is_there, paths))]

    def _check(self, n_gone: int) -> None:
        total = len(self.paths)
        if 2 * n_gone > total:
            raise MissingPhotosError(
                f"{n_gone:,} of the {plural(total, 'photo')} of the library are gone from {printable(self.root)}, or "
                "cannot be read any more: is a disk not mounted? Nothing was changed; add --allow-missing where they "
                "are to leave the library"
            )


def earlier_photos(artifacts: Artifacts, folder: Path, *, allow_missing: bool) -> EarlierPhotos:
    """The photos of the version in use; where it cannot be used, those of `folder` that the catalogue recorded."""
    version = artifacts.current_or_none()
    root, paths = folder.absolute(), None
    if version is not None:
        try:
            with reading(version):
                listed = read_json(version, PHOTOS_FILE)
                root, paths = Path(listed["root"]), {item[0]: tuple(item[1:]) for item in listed["photos"]}
        except ArtifactsError:
            version = None
    known: Mapping[str, KnownFile] = {}
    if artifacts.catalogue.is_file():
        with Catalogue(artifacts.catalogue) as catalogue:
            known = catalogue.known_files(root, _NO_READER)
    return EarlierPhotos(
        root,
        _by_content(known) if paths is None else paths,
        {path: item.file.size_bytes for path, item in known.items()},
        version.name if version else "",
        os.path.realpath(root) == os.path.realpath(folder),
        allow_missing,
    )


def _by_content(known: Mapping[str, KnownFile]) -> dict[str, tuple[str, ...]]:
    paths: dict[str, tuple[str, ...]] = {}
    for path, item in known.items():
        if item.content_hash:
            paths[item.content_hash] = (*paths.get(item.content_hash, ()), path)
    return paths


def _is_below(path: str, folders: set[str]) -> bool:
    return path in folders or any(str(parent) in folders for parent in PurePosixPath(path).parents)


def _check_still_there(root: Path, outcomes: Mapping[str, KnownFile]) -> None:
    n_vanished = sum(item.skipped is not None and item.skipped.reason in GONE_REASONS for item in outcomes.values())
    if 2 * n_vanished > len(outcomes) or (n_vanished and not _has_entries(root)):
        raise MissingPhotosError(
            f"{n_vanished:,} of {plural(len(outcomes), 'file')} below {printable(root)} vanished while they were read: "
            "is its disk still mounted? The features of the others are kept, and the next fit goes on from there; "
            "--allow-missing fits without those that are gone"
        )


def _has_entries(root: Path) -> bool:
    try:
        with os.scandir(root) as entries:
            return any(True for _ in entries)
    except OSError:
        return False
