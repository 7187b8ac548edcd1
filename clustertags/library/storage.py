"""Atomic writes, and errors of the disk as one sentence."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from clustertags.errors import StorageError
from clustertags.support.files import NO_ROOM
from clustertags.support.printable import printable


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Raise `StorageError` for errors of a full or unwritable disk."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "readonly" in str(error):
            raise StorageError(f"{printable(folder)} cannot be written: {_READ_ONLY}") from error
        if "full" in str(error) or "I/O" in str(error) or "unable to open" in str(error):
            raise StorageError(f"{printable(folder)} cannot be written ({error}): {_REMEDY}") from error
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageError(f"no room left for {printable(folder)}: {_REMEDY}") from error
        if error.errno in {errno.EEXIST, errno.ENOTDIR}:
            raise StorageError(f"{printable(folder)} is a file, or lies below one: name a folder") from error
        if error.errno == errno.ELOOP:
            raise StorageError(f"{printable(folder)} is a loop of links: name another place") from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise StorageError(f"{printable(folder)} cannot be written ({error.strerror}): {_READ_ONLY}") from error
        raise


_READ_ONLY = "see to its permissions, or name another place with --artifacts"
_REMEDY = "make room, or name another place with --artifacts; what was there before is unchanged"


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` under a temporary name, sync it, and rename it to `path`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_output(path: Path, data: bytes) -> None:
    """Write a file that the user named: atomically, through a link to its target; a device or pipe as it is."""
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            stream.write(data)
        return
    write_atomically(_target(path), data)


def check_output(path: Path) -> None:
    """Raise `StorageError` or `OSError` for a file name that `write_output` could not write, before any work for it."""
    with storage_errors(path), suppress(FileNotFoundError):
        _target(path).lstat()


def _target(path: Path) -> Path:
    """The path with links followed. Raises `OSError` for a loop of them."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return target


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` durable, on POSIX systems."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_files(folder: Path) -> None:
    """Sync every file directly in `folder`, then the folder."""
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_folder(folder)
