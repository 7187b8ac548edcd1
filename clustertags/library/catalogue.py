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

from clustertags.errors import DamagedError, LockedError, SchemaVersionError
from clustertags.features.extraction import Content, ExtractedFile
from clustertags.library.storage import storage_errors
from clustertags.photos.discovery import FoundFile
from clustertags.printable import printable
from clustertags.types import Features, SkippedFile

SCHEMA_VERSION = 2

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

# Version 2: the journal, which nothing is ever taken out of or changed in; when each photo joined the library, as the
# journal's last number then; and how sharp photos are.
_SECOND = (
    "CREATE TABLE edits (id INTEGER PRIMARY KEY AUTOINCREMENT, made_at TEXT NOT NULL, kind TEXT NOT NULL, "
    "payload TEXT NOT NULL)",
    "CREATE TRIGGER edits_stay BEFORE DELETE ON edits BEGIN SELECT RAISE(ABORT, 'edits are never deleted'); END",
    "CREATE TRIGGER edits_keep BEFORE UPDATE ON edits BEGIN SELECT RAISE(ABORT, 'edits are never changed'); END",
    "CREATE TABLE joined (content_hash TEXT PRIMARY KEY, after_edit INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE sharpness (content_hash TEXT PRIMARY KEY, variance REAL NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class EditRow:
    """A row of the journal as it is kept: `payload` is JSON."""

    number: int
    made_at: str
    kind: str
    payload: str


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What an earlier run found of a file: `content_hash`, or the reason why it was skipped."""

    file: FoundFile
    content_hash: str | None
    skipped: SkippedFile | None


class Catalogue:
    """The catalogue at `path`, made if it is not there.

    Raises `SchemaVersionError` or `DamagedError` if it cannot be used; every write may raise `StorageError`, or
    `LockedError` where another process is still writing after `wait_seconds`.
    """

    def __init__(self, path: Path, *, wait_seconds: float = 5.0) -> None:
        self._path = path
        with self._errors():
            self._connection = sqlite3.connect(
                path, timeout=wait_seconds, isolation_level=None, check_same_thread=False
            )
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
                for statement in (*_SCHEMA.split(";"), *_SECOND):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version == 1:
            self._migrate()
        elif version != SCHEMA_VERSION:
            age = "a newer" if version > SCHEMA_VERSION else "an older"
            raise SchemaVersionError(
                f"{printable(self._path)} was written by {age} version of clustertags (schema {version}, this "
                f"one reads {SCHEMA_VERSION}): use that version, or another folder with --artifacts"
            )

    def _migrate(self) -> None:
        """From version 1, whose answers to `suggest` were a table of their own: they become edits, oldest first."""
        with self._transaction():
            if self._connection.execute("PRAGMA user_version").fetchone()[0] != 1:
                return  # another process was faster
            for statement in _SECOND:
                self._connection.execute(statement)
            if self._connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'labels'").fetchone()[0]:
                answers: dict[str, list[list[object]]] = {}
                rows = "SELECT content_hash, tags, answered_at FROM labels ORDER BY answered_at, content_hash"
                for content_hash, tags, answered_at in self._connection.execute(rows):
                    answers.setdefault(answered_at, []).append([content_hash, json.loads(tags)])
                self._connection.executemany(
                    "INSERT INTO edits (made_at, kind, payload) VALUES (?, 'Answer', ?)",
                    ((made_at, json.dumps({"answers": given})) for made_at, given in answers.items()),
                )
                self._connection.execute("DROP TABLE labels")
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

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

    def append_edit(self, kind: str, payload: object, *, after: int | None = None) -> EditRow:
        """Commit one row of the journal. Raises `LockedError` where `after` is no longer the number of the last row."""
        made_at, text = datetime.now(UTC).isoformat(timespec="seconds"), json.dumps(payload, separators=(",", ":"))
        with self._errors(), self._transaction():
            if after is not None and after != self._last_edit():
                raise LockedError(f"{printable(self._path)} was edited by another process: look again, then repeat it")
            cursor = self._connection.execute(
                "INSERT INTO edits (made_at, kind, payload) VALUES (?, ?, ?)", (made_at, kind, text)
            )
            number = int(cursor.lastrowid or 0)
        return EditRow(number, made_at, kind, text)

    def edit_rows(self) -> tuple[EditRow, ...]:
        """The whole journal, oldest first."""
        with self._errors():
            rows = self._connection.execute("SELECT id, made_at, kind, payload FROM edits ORDER BY id").fetchall()
        return tuple(EditRow(*row) for row in rows)

    def last_edit(self) -> int:
        """The number of the journal's last row, 0 where there is none."""
        with self._errors():
            return self._last_edit()

    def _last_edit(self) -> int:
        return int(self._connection.execute("SELECT coalesce(max(id), 0) FROM edits").fetchone()[0])

    def note_joined(self, content_hashes: Iterable[str], *, if_none: bool = False) -> None:
        """Keep that these photos are in the library from the journal's last row on, unless they were before.

        With `if_none`, only where nothing was kept so far: all of them have then been there from the start.
        """
        with self._errors(), self._transaction():
            if if_none and self._connection.execute("SELECT EXISTS (SELECT 1 FROM joined)").fetchone()[0]:
                return
            after = 0 if if_none else self._last_edit()
            rows = ((content_hash, after) for content_hash in content_hashes)
            self._connection.executemany("INSERT OR IGNORE INTO joined VALUES (?, ?)", rows)

    def joined(self) -> dict[str, int]:
        """The number of the journal's last row when each photo joined the library, for those where that was not 0."""
        with self._errors():
            return dict(self._connection.execute("SELECT content_hash, after_edit FROM joined WHERE after_edit > 0"))

    def record_sharpness(self, variances: Mapping[str, float]) -> None:
        """Keep how sharp some photos are, by content hash."""
        with self._errors(), self._transaction():
            self._connection.executemany("INSERT OR REPLACE INTO sharpness VALUES (?, ?)", variances.items())

    def sharpness(self) -> dict[str, float]:
        """What `record_sharpness` kept."""
        with self._errors():
            return dict(self._connection.execute("SELECT content_hash, variance FROM sharpness"))

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
            if "locked" in str(error) or "busy" in str(error):
                raise LockedError(
                    f"another process is writing to {printable(self._path)}: wait, then repeat"
                ) from error
            raise DamagedError(f"{printable(self._path)} is damaged ({error}): move it away and fit again") from error
