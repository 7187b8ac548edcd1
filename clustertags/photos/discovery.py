"""Walk a photo folder without following links."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from clustertags.errors import PhotosError
from clustertags.photos.files import VIDEO_REASON, DecodeLimits, has_photo_suffix, has_video_suffix, size_reason
from clustertags.photos.left_out_folders import LEFT_OUT, is_left_out, is_library, is_library_folder
from clustertags.support.printable import printable
from clustertags.types import Progress, SkippedFile, no_progress

EXCLUDED = "excluded"
"""Why a file is skipped that the person excluded."""
LINK = "a link, which is not followed"
_STAGE = "Finding files"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file below the root: its relative path with `/` between the parts; size and mtime detect a change."""

    path: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Discovery:
    """Every entry that is not a folder, in `files` (to be opened) or in `skipped`, each sorted by path."""

    root: Path
    files: tuple[FoundFile, ...]
    skipped: tuple[SkippedFile, ...]


def discover(
    root: Path,
    limits: DecodeLimits,
    *,
    excluded_folder: Path | None = None,
    exclude: tuple[str, ...] = (),
    include_hidden: bool = False,
    within: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> Discovery:
    """Find every file below `root`, or those `within` some files and folders: paths relative to it, `/` between parts.

    Links are reported and never followed; pipes, sockets, devices and videos, by their names, are reported and never
    opened.
    `excluded_folder` (the artifacts, if they are inside) is ignored; files whose relative path is one of `exclude`, or
    matches it as a pattern (`*` and `?`, also across `/`), are skipped. So are hidden folders and files, rubbish of
    other systems, libraries and galleries, each folder as a whole, unless `include_hidden`.
    Raises `PhotosError` if `root` is not a folder that can be listed.
    """
    root = _check_folder(root)
    excluded_path = os.path.realpath(excluded_folder) if excluded_folder else None
    walk = _Walk(limits, exclude, include_hidden=include_hidden)
    if within is not None:
        walk.folders = []
        for path in sorted(_outermost(within)):
            walk.start(root, path)
    while walk.folders:
        folder = walk.folders.pop()
        try:
            with os.scandir(root / folder) as listed:
                entries = list(listed)
            name = folder.rpartition("/")[2] or root.name
            if folder and not include_hidden and is_library({entry.name for entry in entries}, name):
                walk.skip(folder, LEFT_OUT, is_photo=False)
                continue
            for entry in entries:
                if excluded_path is None or os.path.realpath(entry.path) != excluded_path:
                    walk.take(entry, f"{folder}/{entry.name}" if folder else entry.name, name)
        except OSError as error:
            if not folder:
                raise PhotosError(f"{printable(root)} cannot be listed: {error.strerror}") from error
            walk.skip(folder, f"the folder cannot be listed: {error.strerror}", is_photo=True)
        progress(_STAGE, len(walk.files), 0)
    progress(_STAGE, len(walk.files), len(walk.files))
    return Discovery(
        root,
        tuple(sorted(walk.files, key=lambda file: file.path)),
        tuple(sorted(walk.skipped, key=lambda file: file.path)),
    )


def check_not_empty(root: Path) -> None:
    """Raise `PhotosError` if `root` is not a folder, cannot be listed, or has nothing in it."""
    root = _check_folder(root)
    try:
        with os.scandir(root) as entries:
            is_empty = next(entries, None) is None
    except OSError as error:
        raise PhotosError(f"{printable(root)} cannot be listed: {error.strerror}") from error
    if is_empty:
        raise PhotosError(f"{printable(root)} holds no files: name the folder that holds the photos")


def _check_folder(root: Path) -> Path:
    root = root.absolute()
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise PhotosError(f"{printable(root)} {what}: name the folder that holds the photos")
    return root


def _outermost(paths: Iterable[str]) -> set[str]:
    """Without those below others of them, which are found with these."""
    asked = set(paths)
    if "" in asked:
        return {""}
    return {path for path in asked if not any(str(above) in asked for above in PurePosixPath(path).parents)}


class _Walk:
    """Files found so far, and folders still to be listed."""

    def __init__(self, limits: DecodeLimits, exclude: tuple[str, ...], *, include_hidden: bool) -> None:
        self.limits = limits
        self.include_hidden = include_hidden
        self.exclude = exclude
        self.patterns = [pattern.replace("[", "[[]") for pattern in exclude]  # brackets are common in names
        self.folders = [""]
        self.files: list[FoundFile] = []
        self.skipped: list[SkippedFile] = []

    def skip(self, path: str, reason: str, *, is_photo: bool) -> None:
        self.skipped.append(SkippedFile(path, reason, is_photo))

    def start(self, root: Path, path: str) -> None:
        """Begin with a file or folder, unless a folder above it is not followed or left out."""
        parts = path.split("/") if path else []
        for depth in range(1, len(parts)):
            above = root.joinpath(*parts[:depth])
            left_out = is_left_out(above.name, above.parent.name) or is_library_folder(above)
            if above.is_symlink():
                return self.skip(path, LINK, is_photo=False)
            if left_out and not self.include_hidden:
                return self.skip(path, LEFT_OUT, is_photo=False)
        place = root / path
        return self.take(place, path, place.parent.name) if parts else self.folders.append("")

    def take(self, entry: os.DirEntry[str] | Path, path: str, folder_name: str) -> None:
        has_suffix = has_photo_suffix(path)
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self.skip(path, f"cannot be looked at: {error.strerror}", is_photo=has_suffix)
            return
        if stat.S_ISLNK(status.st_mode):
            self.skip(path, LINK, is_photo=False)
        elif not self.include_hidden and is_left_out(entry.name, folder_name):
            self.skip(path, LEFT_OUT, is_photo=False)
        elif stat.S_ISDIR(status.st_mode):
            self.folders.append(path)
        elif path in self.exclude or any(fnmatchcase(path, pattern) for pattern in self.patterns):
            self.skip(path, EXCLUDED, is_photo=False)
        elif not stat.S_ISREG(status.st_mode):
            self.skip(path, "a pipe, socket or device, which is not opened", is_photo=False)
        elif has_video_suffix(path):
            self.skip(path, VIDEO_REASON, is_photo=False)
        elif reason := size_reason(status.st_size, self.limits):
            self.skip(path, reason, is_photo=has_suffix)
        else:
            self.files.append(FoundFile(path, status.st_size, _storable(status.st_mtime_ns)))


def _storable(mtime_ns: int) -> int:
    """A modification time that SQLite's integers hold: those of file systems reach further than the year 2262."""
    return max(min(mtime_ns, 2**63 - 1), -(2**63))
