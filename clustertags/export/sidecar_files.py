"""Sidecars on the disk: read without following links, replaced as a whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from clustertags.errors import StorageError
from clustertags.export.xmp_source import MAX_BYTES
from clustertags.library.storage import sync_folder
from clustertags.support.printable import printable

TEMPORARY_PREFIX, TEMPORARY_SUFFIX = ".clustertags-", ".tmp"

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_REASONS = {
    errno.EACCES: "there is no permission to write there",
    errno.EPERM: "there is no permission to write there",
    errno.EROFS: "the disk is read-only",
    errno.ENAMETOOLONG: "its name would be too long for the disk",
    errno.ELOOP: "it is a link",
}


class RefusedError(Exception):
    """A sidecar is left as it is; `str(error)` is the reason, to be read after its name."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A sidecar as it was read."""

    data: bytes
    mode: int
    owner: int
    group: int


def bytes_of(seen: Seen | None) -> bytes | None:
    """The bytes of a sidecar, None where there was none."""
    return None if seen is None else seen.data


class Writer(Protocol):
    """What becomes of a sidecar; `seen` is what it was when it was read, None where there was none."""

    def replace(self, path: Path, data: bytes, seen: Seen | None) -> None: ...

    def remove(self, path: Path, seen: Seen) -> None: ...

    def sync(self) -> None: ...


class NoWriter:
    """Does nothing, for a dry run."""

    def replace(self, path: Path, data: bytes, seen: Seen | None) -> None: ...

    def remove(self, path: Path, seen: Seen) -> None: ...

    def sync(self) -> None: ...


class DiskWriter:
    """Writes. Raises `RefusedError` for one file, `StorageError` where the disk is full."""

    def __init__(self) -> None:
        self._folders: set[Path] = set()

    def replace(self, path: Path, data: bytes, seen: Seen | None) -> None:
        temporary = path.with_name(f"{TEMPORARY_PREFIX}{os.getpid()}{TEMPORARY_SUFFIX}")
        try:
            _write(temporary, data, seen)
            _check_unchanged(path, seen)
            if seen is None:
                _put_where_nothing_is(temporary, path)
            else:
                temporary.replace(path)
        except OSError as error:
            raise failure(path, error) from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        self._folders.add(path.parent)

    def remove(self, path: Path, seen: Seen) -> None:
        try:
            _check_unchanged(path, seen)
            path.unlink()
        except OSError as error:
            raise failure(path, error) from error
        self._folders.add(path.parent)

    def sync(self) -> None:
        """Make the renames since the last call durable."""
        for folder in self._folders:
            with suppress(OSError):  # not every file system can
                sync_folder(folder)
        self._folders.clear()


def failure(path: Path, error: OSError) -> Exception:
    """The error to raise: `StorageError` where all must stop."""
    if error.errno in _NO_ROOM:
        return StorageError(
            f"no room left for {printable(path)}: make room, then repeat it; every sidecar is whole, and what was "
            "written is recorded"
        )
    return RefusedError(_REASONS.get(error.errno or 0, (error.strerror or type(error).__name__).lower()))


def read_seen(path: Path) -> Seen | None:
    """The sidecar at `path`, None if there is none. Raises `RefusedError` where it is no regular file, or too large."""
    try:
        status = path.lstat()
        _check_regular(status)
        with os.fdopen(os.open(path, _READ_FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            _check_regular(status)
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        reasons = {errno.EACCES: "there is no permission to read it", errno.ELOOP: "it is a link"}
        raise RefusedError(reasons.get(error.errno or 0, str(failure(path, error)))) from error
    except ValueError as error:
        raise RefusedError("its name is not a file name") from error
    if len(data) > MAX_BYTES:
        raise RefusedError(f"it is larger than {MAX_BYTES // 2**20} MiB")
    return Seen(data, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)


def check_writable(seen: Seen) -> None:
    """Raise `RefusedError` where a person made the sidecar read-only; a rename would not heed that."""
    if not seen.mode & 0o222:
        raise RefusedError("it is read-only")


def check_folder(root: Path, path: str) -> Path:
    """The absolute path of a file below `root`. Raises `RefusedError` if it lies elsewhere, or behind a link."""
    parts = path.split("/")
    if path.startswith("/") or {"", ".", ".."} & set(parts) or "\0" in path:
        raise RefusedError("its path does not lie in the folder of photos")
    whole = root.joinpath(*parts)
    if len(os.fsencode(parts[-1])) > 255:
        raise RefusedError("its name would be longer than 255 bytes")
    if os.path.realpath(whole.parent) != os.path.join(os.path.realpath(root), *parts[:-1]):  # noqa: PTH118
        raise RefusedError("its folder is behind a link")
    return whole


def _check_regular(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise RefusedError("it is a link")
    if not stat.S_ISREG(status.st_mode):
        raise RefusedError("it is not a regular file")


def _check_unchanged(path: Path, seen: Seen | None) -> None:
    now = read_seen(path)
    if bytes_of(now) != bytes_of(seen):
        raise RefusedError("another program changed it at the same time: repeat it")


def _write(temporary: Path, data: bytes, seen: Seen | None) -> None:
    with suppress(FileNotFoundError):
        temporary.unlink()
    with os.fdopen(os.open(temporary, _WRITE_FLAGS, 0o666), "wb") as file:
        if seen is not None:
            _keep_permissions(file.fileno(), seen)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _keep_permissions(descriptor: int, seen: Seen) -> None:
    if os.name != "posix":
        return
    status = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (seen.owner, seen.group):
        with suppress(OSError):
            os.fchown(descriptor, seen.owner, seen.group)
    with suppress(OSError):  # a file system without permissions
        os.fchmod(descriptor, seen.mode)


def _put_where_nothing_is(temporary: Path, path: Path) -> None:
    """Rename, but never over a file that has appeared meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise RefusedError("another program made it at the same time: repeat it") from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        temporary.replace(path)  # a file system without hard links
