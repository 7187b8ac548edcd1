"""Connections to `library.sqlite`: to write, or to read where it lies on a read-only disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from clustertags.library.schema import SCHEMA_VERSION, prepare


def log_of(path: Path) -> Path:
    """SQLite's log of what is not in the file itself yet, whether it is there or not."""
    return path.with_name(f"{path.name}-wal")


def has_log(path: Path) -> bool:
    """Whether there is something in the log of a catalogue."""
    log = log_of(path)
    return log.is_file() and log.stat().st_size > 0


@contextmanager
def copy_with_log(path: Path) -> Iterator[Path]:
    """A copy of the catalogue and its log, which SQLite may write beside, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="clustertags-") as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(log_of(path), log_of(copy))
        yield copy


def address_of(path: Path, options: str) -> str:
    """The catalogue as a URI for `sqlite3.connect`, with these options, such as `mode=ro`."""
    return f"file:{quote(os.fsencode(path.absolute()))}?{options}"


def can_write(path: Path) -> bool:
    """Whether the file and its folder, where SQLite puts its log, may be written."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def open_writable(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """Open or create the catalogue, and bring an older one up to date. Raises `SchemaVersionError`."""
    connection = _connect(str(path), wait_seconds)
    return _prepared(connection, lambda: prepare(connection, path))


def open_read_only(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """Open an existing catalogue without writing beside it; writes raise `sqlite3.OperationalError`.

    An older one is brought up to date in memory. Raises `SchemaVersionError`.
    """
    connection = _prepared(found := _readable(path, wait_seconds), lambda: _version(found))
    if _version(connection) != SCHEMA_VERSION:
        connection = _in_memory(connection)
        _prepared(connection, lambda: prepare(connection, path))
    connection.execute("PRAGMA query_only = ON")
    return connection


def _readable(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """With SQLite's log where there is one: as it lies there, or, where SQLite cannot, from a copy."""
    connection = _connect(address_of(path, "mode=ro"), wait_seconds, uri=True)
    try:
        _version(connection)
    except sqlite3.OperationalError:
        connection.close()
    else:
        return connection
    if not has_log(path):
        return _connect(address_of(path, "mode=ro&immutable=1"), wait_seconds, uri=True)
    with copy_with_log(path) as copy:
        return _in_memory(_connect(str(copy), wait_seconds))


def _connect(address: str, wait_seconds: float, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(address, timeout=wait_seconds, isolation_level=None, check_same_thread=False, uri=uri)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _in_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A copy of the whole catalogue; `connection` is closed."""
    copy = _connect(":memory:", 0.0)
    try:
        connection.backup(copy)
    except BaseException:
        copy.close()
        raise
    finally:
        connection.close()
    return copy


def _prepared(connection: sqlite3.Connection, prepare_it: Callable[[], object]) -> sqlite3.Connection:
    try:
        prepare_it()
    except BaseException:
        connection.close()
        raise
    return connection
