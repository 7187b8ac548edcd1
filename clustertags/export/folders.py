"""A folder for each cluster or tag, with links to the photos or copies of them."""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from clustertags.errors import UsageError
from clustertags.export.records import Record
from clustertags.library.artifacts import staging_folder
from clustertags.support.files import lies_within
from clustertags.support.printable import printable
from clustertags.types import Progress, no_progress

By = Literal["clusters", "tags"]
_MOST_NAME_BYTES = 120
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')  # what Windows and POSIX refuse in a name
_STAGE = "Linking photos"


@dataclass(frozen=True, slots=True)
class Sorted:
    """`n_folders` with `n_files` links or copies in them; `missing`: paths of photos that are not there."""

    n_folders: int
    n_files: int
    missing: tuple[str, ...]


def sort_into_folders(
    records: Iterable[Record],
    root: Path,
    target: Path,
    by: By,
    *,
    copy: bool = False,
    progress: Progress = no_progress,
) -> Sorted:
    """Make `target` with a folder for each cluster or tag, whole or not at all.

    A photo of several tags is in several folders; one without any is in none. Photos of one name in a folder are told
    apart by numbers. Raises `UsageError` where `target` exists or lies among the photos, `OSError` for a full disk.
    """
    if target.exists() or target.is_symlink():
        raise UsageError(f"{printable(target)} exists already: name a folder that does not")
    if lies_within(target, root):
        raise UsageError(f"{printable(target)} lies among the photos: name a place outside {printable(root)}")
    wanted = _by_folder(records, by)
    n_all = sum(map(len, wanted.values()))
    missing: list[str] = []
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = staging_folder(target.parent)
    try:
        done = 0
        for folder, paths in wanted.items():
            (staged / folder).mkdir()
            taken: set[str] = set()
            for path in paths:
                source = root / path
                if source.is_file():
                    _place(source, staged / folder / _free_name(PurePosixPath(path).name, taken), copy=copy)
                else:
                    missing.append(path)
                done += 1
                progress(_STAGE, done, n_all)
        staged.rename(target)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return Sorted(len(wanted), n_all - len(missing), tuple(dict.fromkeys(missing)))


def _by_folder(records: Iterable[Record], by: By) -> Mapping[str, list[str]]:
    """Paths by the name of their folder, folders by name."""
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for record in records:
        if by == "clusters":
            if record.cluster:
                paths[f"{record.cluster[0]:03} {record.cluster[1]}"].append(record.path)
        else:
            for tag in (*record.mine, *(item.tag for item in record.predicted)):
                paths[tag].append(record.path)
    taken: set[str] = set()
    return {_free_name(_safe(name), taken): paths[name] for name in sorted(paths)}


def _safe(name: str) -> str:
    """A folder name on any system: without separators, dots at its ends, and names that mean a device."""
    kept = _UNSAFE.sub("_", printable(name, limit=1000)).strip(". ")
    short = kept.encode("utf-8", "replace")[:_MOST_NAME_BYTES].decode("utf-8", "ignore").strip(". ")
    is_device = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", short)
    return f"_{short}" if not short or is_device else short


def _free_name(name: str, taken: set[str]) -> str:
    """The name, numbered where another of the same spelling, whatever its case, is taken."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{stem} ({number}){suffix}", number + 1
    taken.add(free.casefold())
    return free


def _place(source: Path, target: Path, *, copy: bool) -> None:
    if copy:
        shutil.copy2(source, target)
    else:
        target.symlink_to(source.absolute())
