"""Atomic replacement of a folder: the new one is written next to it and renamed when it is complete.

`.NAME.new` is the folder being written; what an interrupted run left in it is reused. `.NAME.old` is the earlier
one in the moment between two renames; if the program is killed in that moment, the next run restores it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from clustertags.errors import LockedError, UsageError
from clustertags.support.printable import printable

MARKER = "gallery.json"
SCHEMA = 1
# Files that file managers create in any folder.
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".directory"})


@contextmanager
def replaced_folder(target: Path, own_entries: frozenset[str], kept: str) -> Iterator[Path]:
    """Yield a folder to write; when the block ends without an error it becomes `target`, which is unchanged otherwise.

    `own_entries`: the names that a gallery may contain; a folder with any other entry is refused. `kept`: the entry
    that the next run reuses after an interrupt.
    """
    new, old = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
    target.parent.mkdir(parents=True, exist_ok=True)
    if old.exists() and not target.exists():
        old.rename(target)
    refuse_foreign_folder(target, own_entries)
    new.mkdir(exist_ok=True)
    lock = FileLock(new / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LockedError(
            f"{printable(target)} is being written by another process; try again when it has ended"
        ) from error
    try:
        clear_folder(new, keep=frozenset({kept, ".lock"}))
        yield new
        (new / MARKER).write_text(json.dumps({"written by": "clustertags gallery", "schema": SCHEMA}) + "\n")
    finally:
        lock.release()
    (new / ".lock").unlink(missing_ok=True)
    _swap(new, target, old)


def refuse_foreign_folder(target: Path, own_entries: frozenset[str]) -> None:
    """Raise unless `target` is missing, empty or an earlier gallery with no other files in it."""
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{printable(target)} is a file; name a folder for the gallery")
    entries = {entry.name for entry in target.iterdir()} - _LITTER
    if entries and MARKER not in entries:
        raise UsageError(f"{printable(target)} contains other files and is not a gallery; name a new or empty folder")
    foreign = sorted(name for name in entries - own_entries - {MARKER, ".lock"} if not _is_numbered(name, own_entries))
    if foreign:
        raise UsageError(
            f"{printable(target / foreign[0])} is not part of the gallery; move it away, or name another folder"
        )


def clear_folder(folder: Path, keep: frozenset[str] = frozenset()) -> None:
    for entry in folder.iterdir():
        if entry.name in keep:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _is_numbered(name: str, own_entries: frozenset[str]) -> bool:
    """`skipped-12.html` where `skipped-1.html` is known."""
    stem, _, number = name.removesuffix(".html").rpartition("-")
    return number.isdigit() and f"{stem}-1.html" in own_entries


def _swap(new: Path, target: Path, old: Path) -> None:
    if old.exists():
        shutil.rmtree(old)
    if target.exists():
        target.rename(old)
    new.rename(target)
    if old.exists():
        shutil.rmtree(old)
