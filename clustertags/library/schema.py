"""The tables of `library.sqlite`, and the migration of older catalogues."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clustertags.errors import SchemaVersionError
from clustertags.library.row_checks import TABLE, fill_in, keep_checksums
from clustertags.support.printable import printable

SCHEMA_VERSION = 5

# SQLite's log goes into the file when the last connection closes, earlier only from 64 MiB on: while one is held, the
# file itself does not change, so that a plain copy of file and log is whole.
_LOG_PAGES = 16_384

# Paths are bytes: a name need not be UTF-8. `reader` is the decoder that skipped the file; another one tries again.
_SCHEMA = """
CREATE TABLE files (
    root BLOB NOT NULL, path BLOB NOT NULL, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    content_hash TEXT, reason TEXT, is_photo INTEGER, reader TEXT NOT NULL,
    PRIMARY KEY (root, path)
) WITHOUT ROWID;
CREATE TABLE contents (
    content_hash TEXT PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL, keywords TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE features (
    id INTEGER PRIMARY KEY, content_hash TEXT NOT NULL, backbone TEXT NOT NULL, norm REAL NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (content_hash, backbone)
);
"""

# Version 2: the append-only journal; the journal's last number when each photo joined the library; sharpness.
_VERSION_2 = (
    "CREATE TABLE edits (id INTEGER PRIMARY KEY AUTOINCREMENT, made_at TEXT NOT NULL, kind TEXT NOT NULL, "
    "payload TEXT NOT NULL)",
    "CREATE TRIGGER edits_stay BEFORE DELETE ON edits BEGIN SELECT RAISE(ABORT, 'edits are never deleted'); END",
    "CREATE TRIGGER edits_keep BEFORE UPDATE ON edits BEGIN SELECT RAISE(ABORT, 'edits are never changed'); END",
    "CREATE TABLE joined (content_hash TEXT PRIMARY KEY, after_edit INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE sharpness (content_hash TEXT PRIMARY KEY, variance REAL NOT NULL) WITHOUT ROWID",
)

# Version 3: photos in which there is nothing to see; small pictures by content and backbone, as the part of the photo
# that they show is what the backbone sees.
_VERSION_3 = (
    "CREATE TABLE IF NOT EXISTS blank (content_hash TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS pictures (id INTEGER PRIMARY KEY, content_hash TEXT NOT NULL, backbone TEXT NOT NULL, "
    "pixels BLOB NOT NULL, UNIQUE (content_hash, backbone))",
)

# Version 4: what was written into XMP sidecars. `state` is `written`, or what is about to happen: `writing`, `undoing`.
_VERSION_4 = (
    "CREATE TABLE IF NOT EXISTS sidecars (root BLOB NOT NULL, path BLOB NOT NULL, state TEXT NOT NULL, "
    "photo BLOB NOT NULL, content_hash TEXT NOT NULL, made_at TEXT NOT NULL, model TEXT NOT NULL, "
    "before_hash TEXT NOT NULL, after_hash TEXT NOT NULL, created TEXT NOT NULL, tags TEXT NOT NULL, original BLOB, "
    "PRIMARY KEY (root, path, state)) WITHOUT ROWID",
)

# Version 5: a checksum for every row.
_VERSION_5 = (TABLE,)


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables of a new catalogue, or migrate those of an older one. Raises `SchemaVersionError`."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    if _is_new(connection):
        _create(connection)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if 1 <= version < SCHEMA_VERSION:
        _migrate(connection)
    elif version != SCHEMA_VERSION:
        age = "a newer" if version > SCHEMA_VERSION else "an older"
        raise SchemaVersionError(
            f"{printable(path)} was written by {age} version of clustertags (schema {version}, this "
            f"one reads {SCHEMA_VERSION}): use that version, or another folder with --artifacts"
        )
    keep_checksums(connection)


def _is_new(connection: sqlite3.Connection) -> bool:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return version == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _create(connection: sqlite3.Connection) -> None:
    """Create all tables, unless another process did meanwhile."""
    with transaction(connection):
        if _is_new(connection):
            for statement in (*_SCHEMA.split(";"), *_VERSION_2, *_VERSION_3, *_VERSION_4, *_VERSION_5):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _migrate(connection: sqlite3.Connection) -> None:
    """Through the versions in between; one that another process migrated meanwhile is left as it is."""
    with transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 1:
            _migrate_labels(connection)
        if version < SCHEMA_VERSION:
            for statement in (*_VERSION_3, *_VERSION_4, *_VERSION_5):
                connection.execute(statement)
            fill_in(connection)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _migrate_labels(connection: sqlite3.Connection) -> None:
    """From version 1, which kept the labels of suggested photos in a table: they become edits, oldest first."""
    for statement in _VERSION_2:
        connection.execute(statement)
    if connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'labels'").fetchone()[0]:
        labels: dict[str, list[list[object]]] = {}
        rows = "SELECT content_hash, tags, answered_at FROM labels ORDER BY answered_at, content_hash"
        for content_hash, tags, answered_at in connection.execute(rows):
            labels.setdefault(answered_at, []).append([content_hash, json.loads(tags)])
        connection.executemany(
            "INSERT INTO edits (made_at, kind, payload) VALUES (?, 'Answer', ?)",
            ((made_at, json.dumps({"answers": given})) for made_at, given in labels.items()),
        )
        connection.execute("DROP TABLE labels")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit at the end of the block, or roll back on an error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled it back already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
