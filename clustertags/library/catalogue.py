"""`library.sqlite`: which files there are, what is in them, and their features by content and backbone."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from clustertags.errors import DamagedError, SchemaVersionError
from clustertags.features.extraction import Content, ExtractedFile
from clustertags.library.storage import storage_errors
from clustertags.photos.discovery import FoundFile
from clustertags.printable import printable
from clustertags.types import Features, SkippedFile

SCHEMA_VERSION = 1

# Paths are bytes: a name need not be UTF-8. `reader` names what could not read a skipped file, so that a later program
# tries again.
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


# Later than the schema's first form, hence apart: a catalogue that lacks it gets it when it is opened.
_LABELS = """
CREATE TABLE IF NOT EXISTS labels (
    content_hash TEXT PRIMARY KEY, tags TEXT NOT NULL, answered_at TEXT NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What an earlier run found of a file: `content_hash`, or the reason why it was skipped."""

    file: FoundFile
    content_hash: str | None
    skipped: SkippedFile | None


class Catalogue:
    """The catalogue at `path`, made if it is not there.

    Raises `SchemaVersionError` or `DamagedError` if it cannot be used; every write may raise `StorageError`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION:
            age = "a newer" if version > SCHEMA_VERSION else "an older"
            raise SchemaVersionError(
                f"{printable(self._path)} was written by {age} version of clustertags (schema {version}, this "
                f"one reads {SCHEMA_VERSION}): use that version, or another folder with --artifacts"
            )
        self._connection.execute(_LABELS)

    def record(self, root: Path, outcomes: Iterable[ExtractedFile], backbone: str, reader: str) -> None:
        """Commit what was found of some files, all or nothing."""
        with self._errors(), self._transaction():
            for outcome in outcomes:
                file, skipped = outcome.file, outcome.skipped
                self._connection.execute(
                    "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        os.fsencode(root),
                        os.fsencode(file.path),
                        file.size_bytes,
                        file.mtime_ns,
                        None if skipped else outcome.content_hash,
                        skipped.reason if skipped else None,
                        skipped.is_photo if skipped else None,
                        reader,
                    ),
                )
                if outcome.content:
                    self._record_content(outcome.content_hash, backbone, outcome.content)

    def _record_content(self, content_hash: str, backbone: str, content: Content) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?)",
            (content_hash, content.width, content.height, json.dumps(content.keywords)),
        )
        self._connection.execute(
            "INSERT OR REPLACE INTO features (content_hash, backbone, norm, vector) VALUES (?, ?, ?, ?)",
            (content_hash, backbone, content.norm, content.values.astype("<f2").tobytes()),
        )

    def forget_missing(self, root: Path, present: Iterable[str]) -> None:
        """Drop the files of `root` that are not among `present`; their features stay, in case they come back."""
        with self._errors(), self._transaction():
            self._connection.execute("CREATE TEMP TABLE present (path BLOB PRIMARY KEY) WITHOUT ROWID")
            self._connection.executemany(
                "INSERT OR IGNORE INTO present VALUES (?)", ((os.fsencode(path),) for path in present)
            )
            self._connection.execute(
                "DELETE FROM files WHERE root = ? AND path NOT IN (SELECT path FROM present)", (os.fsencode(root),)
            )
            self._connection.execute("DROP TABLE present")

    def known_files(self, root: Path, reader: str) -> dict[str, KnownFile]:
        """What earlier runs found below `root`, by path; skipped files only where the same reader skipped them."""
        with self._errors():
            rows = self._connection.execute(
                "SELECT path, size_bytes, mtime_ns, content_hash, reason, is_photo FROM files "
                "WHERE root = ? AND (content_hash IS NOT NULL OR reader = ?)",
                (os.fsencode(root), reader),
            ).fetchall()
        known = {}
        for raw, size_bytes, mtime_ns, content_hash, reason, is_photo in rows:
            path = os.fsdecode(raw)
            skipped = SkippedFile(path, reason, bool(is_photo)) if content_hash is None else None
            known[path] = KnownFile(FoundFile(path, size_bytes, mtime_ns), content_hash, skipped)
        return known

    def described(self, backbone: str) -> set[str]:
        """The content hashes whose features of `backbone` are there."""
        with self._errors():
            rows = self._connection.execute("SELECT content_hash FROM features WHERE backbone = ?", (backbone,))
            return {row[0] for row in rows}

    def features(self, content_hashes: Sequence[str], backbone: str, n_features: int) -> Features:
        """The features of the given contents, in their order. Raises `DamagedError` if one is missing."""
        row_of = {content_hash: row for row, content_hash in enumerate(content_hashes)}
        values = np.zeros((len(row_of), n_features), np.float32)
        norms = np.zeros(len(row_of), np.float32)
        found = 0
        with self._errors():
            cursor = self._connection.execute(
                "SELECT content_hash, norm, vector FROM features WHERE backbone = ?", (backbone,)
            )
            for content_hash, norm, vector in cursor:
                row = row_of.get(content_hash)
                if row is None:
                    continue
                stored = np.frombuffer(vector, "<f2")
                if stored.shape != (n_features,):
                    raise DamagedError(
                        f"{printable(self._path)} holds features of another length: move it away, fit again"
                    )
                values[row], norms[row] = stored, norm
                found += 1
        if found != len(row_of):
            raise DamagedError(f"{printable(self._path)} lacks features that it lists: move it away and fit again")
        return Features(values, norms)

    def keywords(self, content_hashes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The keywords inside the photos, for those that hold any."""
        wanted = set(content_hashes)
        with self._errors():
            rows = self._connection.execute("SELECT content_hash, keywords FROM contents WHERE keywords != '[]'")
            return {content_hash: tuple(json.loads(text)) for content_hash, text in rows if content_hash in wanted}

    def record_labels(self, tags: Mapping[str, Sequence[str]]) -> None:
        """Keep the person's tags of some photos by content hash, all or none; they replace what was kept of these."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        rows = [(content_hash, json.dumps(list(words)), now) for content_hash, words in tags.items()]
        with self._errors(), self._transaction():
            self._connection.executemany("INSERT OR REPLACE INTO labels VALUES (?, ?, ?)", rows)

    def labels(self) -> Mapping[str, tuple[str, ...]]:
        """The tags that were recorded, by content hash, whatever folder the photos are in."""
        with self._errors():
            rows = self._connection.execute("SELECT content_hash, tags FROM labels ORDER BY content_hash")
            return {content_hash: tuple(json.loads(text)) for content_hash, text in rows}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk has ended it already
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with storage_errors(self._path):
                yield
        except sqlite3.DatabaseError as error:
            raise DamagedError(f"{printable(self._path)} is damaged ({error}): move it away and fit again") from error
