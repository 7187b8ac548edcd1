"""`library.sqlite`: files, their contents, features by content and backbone, the journal of edits, sidecars written."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import DamagedError, LockedError
from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.library.connections import can_write, open_read_only, open_writable
from clustertags.library.row_checks import damage_of
from clustertags.library.schema import transaction
from clustertags.library.sidecar_rows import SidecarRows
from clustertags.library.storage import storage_errors
from clustertags.photos.discovery import FoundFile
from clustertags.photos.small_picture import SMALL_PIXELS
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import Features, SkippedFile

_FEW_CONTENTS = 4000  # fewer are looked up one by one
_CONTENTS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class EditRow:
    """A stored row of the journal; `payload` is JSON."""

    number: int
    made_at: str
    kind: str
    payload: str


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file recorded by an earlier run: its `content_hash`, or the reason why it was skipped; `reader`: that run's."""

    file: FoundFile
    content_hash: str | None
    skipped: SkippedFile | None
    reader: str = ""


class Catalogue:
    """The catalogue at `path`, created if it does not exist, and opened for reading alone where it cannot be written.

    Raises `SchemaVersionError` or `DamagedError` if it cannot be used. Every write may raise `StorageError`, or
    `LockedError` if another process is still writing after `wait_seconds`.
    """

    def __init__(self, path: Path, *, wait_seconds: float = 5.0) -> None:
        self._path = path
        with self._errors():
            self._is_read_only = path.is_file() and not can_write(path)
            self._connection = (
                open_read_only(path, wait_seconds) if self._is_read_only else open_writable(path, wait_seconds)
            )

    @property
    def is_read_only(self) -> bool:
        """Whether every write raises `StorageError`, as the file or its folder cannot be written."""
        return self._is_read_only

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def record(self, root: Path, outcomes: Iterable[ExtractedFile], backbone: str, reader: str) -> None:
        """Commit the outcomes of some files in one transaction."""
        with self._errors(), transaction(self._connection):
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
                elif outcome.keywords:
                    self._add_keywords(outcome.content_hash, outcome.keywords)

    def _record_content(self, content_hash: str, backbone: str, content: Content) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?)",
            (content_hash, content.width, content.height, json.dumps(content.keywords)),
        )
        self._connection.execute(
            "INSERT OR REPLACE INTO features (content_hash, backbone, norm, vector) VALUES (?, ?, ?, ?)",
            (content_hash, backbone, content.norm, content.values.astype("<f2").tobytes()),
        )
        if content.blank:
            self._connection.execute("INSERT OR REPLACE INTO blank VALUES (?, ?)", (content_hash, content.blank))
        else:
            self._connection.execute("DELETE FROM blank WHERE content_hash = ?", (content_hash,))
        if content.picture is not None:
            self._connection.execute(
                "INSERT OR REPLACE INTO pictures (content_hash, backbone, pixels) VALUES (?, ?, ?)",
                (content_hash, backbone, content.picture.tobytes()),
            )

    def _add_keywords(self, content_hash: str, keywords: Sequence[str]) -> None:
        """Put these keywords before those that the content has."""
        row = self._connection.execute(
            "SELECT keywords FROM contents WHERE content_hash = ?", (content_hash,)
        ).fetchone()
        try:
            stored = json.loads(row[0] if row else "[]")
        except ValueError as error:
            raise sqlite3.DatabaseError("the keywords of a photo cannot be read") from error
        merged = [*dict.fromkeys((*keywords, *stored))]
        self._connection.execute(
            "UPDATE contents SET keywords = ? WHERE content_hash = ?", (json.dumps(merged), content_hash)
        )

    def forget_missing(self, root: Path, present: Iterable[str]) -> None:
        """Remove the files of `root` that are not `present`; their features stay, in case the files return."""
        with self._errors(), transaction(self._connection):
            self._connection.execute("CREATE TEMP TABLE present (path BLOB PRIMARY KEY) WITHOUT ROWID")
            self._connection.executemany(
                "INSERT OR IGNORE INTO present VALUES (?)", ((os.fsencode(path),) for path in present)
            )
            self._connection.execute(
                "DELETE FROM files WHERE root = ? AND path NOT IN (SELECT path FROM present)", (os.fsencode(root),)
            )
            self._connection.execute("DROP TABLE present")

    def move_root(self, before: Path, after: Path) -> None:
        """Record the files below `before` as files below `after`, in place of those recorded there."""
        with self._errors(), transaction(self._connection):
            self._connection.execute(
                "UPDATE OR REPLACE files SET root = ? WHERE root = ?", (os.fsencode(after), os.fsencode(before))
            )

    def known_files(self, root: Path, reader: str) -> dict[str, KnownFile]:
        """Files below `root` recorded by earlier runs, by path; skipped files only if the same reader skipped them."""
        with self._errors():
            self._check("files")
            rows = self._connection.execute(
                "SELECT path, size_bytes, mtime_ns, content_hash, reason, is_photo, reader FROM files "
                "WHERE root = ? AND (content_hash IS NOT NULL OR reader = ?)",
                (os.fsencode(root), reader),
            ).fetchall()
        known = {}
        for raw, size_bytes, mtime_ns, content_hash, reason, is_photo, recorded_by in rows:
            path = os.fsdecode(raw)
            skipped = SkippedFile(path, reason, bool(is_photo)) if content_hash is None else None
            known[path] = KnownFile(FoundFile(path, size_bytes, mtime_ns), content_hash, skipped, recorded_by)
        return known

    def extracted_hashes(self, backbone: str) -> set[str]:
        """Content hashes with stored features of `backbone`."""
        with self._errors():
            rows = self._connection.execute("SELECT content_hash FROM features WHERE backbone = ?", (backbone,))
            return {row[0] for row in rows}

    def pictures(self, content_hashes: Sequence[str], backbone: str) -> NDArray[np.uint8]:
        """The small pictures of these contents, in the given order: (n_photos, 32, 32) uint8, black where there is
        none, as where an earlier version extracted the features.
        """
        row_of = {content_hash: row for row, content_hash in enumerate(content_hashes)}
        pictures = np.zeros((len(row_of), SMALL_PIXELS, SMALL_PIXELS), np.uint8)
        with self._errors():
            query = "SELECT content_hash, pixels FROM pictures WHERE backbone = ?"
            for content_hash, pixels in self._rows("pictures", query, backbone, content_hashes):
                if content_hash in row_of and len(pixels) == SMALL_PIXELS**2:
                    pictures[row_of[content_hash]].flat = np.frombuffer(pixels, np.uint8)
        return pictures

    def features(self, content_hashes: Sequence[str], backbone: str, n_features: int) -> Features:
        """The features of these contents, in the given order. Raises `DamagedError` if one is missing."""
        row_of = {content_hash: row for row, content_hash in enumerate(content_hashes)}
        values = np.zeros((len(row_of), n_features), np.float32)
        norms = np.zeros(len(row_of), np.float32)
        found = 0
        with self._errors():
            query = "SELECT content_hash, norm, vector FROM features WHERE backbone = ?"
            for content_hash, norm, vector in self._rows("features", query, backbone, content_hashes):
                row = row_of.get(content_hash)
                if row is None:
                    continue
                stored = np.frombuffer(vector, "<f2")
                if stored.shape != (n_features,):
                    raise DamagedError(
                        f"{printable(self._path)} holds features of another length: run `clustertags verify --repair`"
                    )
                values[row], norms[row] = stored, norm
                found += 1
        if found != len(row_of):
            raise DamagedError(f"{printable(self._path)} lacks features of its photos: fit again")
        return Features(values, norms)

    def _rows(self, table: str, query: str, backbone: str, content_hashes: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The rows of a query on one backbone: of all contents of a checked table, or of these alone if few."""
        if len(content_hashes) > _FEW_CONTENTS:
            self._check(table)
            yield from self._connection.execute(query, (backbone,))
            return
        for start in range(0, len(content_hashes), _CONTENTS_A_QUERY):
            some = content_hashes[start : start + _CONTENTS_A_QUERY]
            places = ",".join("?" * len(some))
            yield from self._connection.execute(f"{query} AND content_hash IN ({places})", (backbone, *some))

    def forget_features(self, content_hashes: Iterable[str], backbone: str) -> None:
        """Remove features, so that the next fit extracts them again."""
        with self._errors(), transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM features WHERE content_hash = ? AND backbone = ?",
                ((content_hash, backbone) for content_hash in content_hashes),
            )

    def keywords(self, content_hashes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Keywords embedded in the photos, by content hash; photos without any are omitted."""
        requested = set(content_hashes)
        with self._errors():
            self._check("contents")
            rows = self._connection.execute("SELECT content_hash, keywords FROM contents WHERE keywords != '[]'")
            return {content_hash: tuple(json.loads(text)) for content_hash, text in rows if content_hash in requested}

    def blank(self, content_hashes: Iterable[str]) -> dict[str, str]:
        """Why there is nothing to see in a photo, by content hash; photos with something to see are omitted, and those
        whose features were extracted before this was judged.
        """
        requested = set(content_hashes)
        with self._errors():
            self._check("blank")
            rows = self._connection.execute("SELECT content_hash, reason FROM blank")
            return {content_hash: reason for content_hash, reason in rows if content_hash in requested}

    def append_edit(self, kind: str, payload: object, *, after: int | None = None) -> EditRow:
        """Commit one row of the journal. Raises `LockedError` if `after` is no longer the number of the last row."""
        made_at, text = datetime.now(UTC).isoformat(timespec="seconds"), json.dumps(payload, separators=(",", ":"))
        with self._errors(), transaction(self._connection):
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
            self._check("edits")
            rows = self._connection.execute("SELECT id, made_at, kind, payload FROM edits ORDER BY id").fetchall()
        return tuple(EditRow(*row) for row in rows)

    def last_edit(self) -> int:
        """The number of the journal's last row, 0 if it is empty."""
        with self._errors():
            return self._last_edit()

    def _last_edit(self) -> int:
        return int(self._connection.execute("SELECT coalesce(max(id), 0) FROM edits").fetchone()[0])

    def note_joined(self, content_hashes: Iterable[str], *, if_none: bool = False) -> None:
        """Record that these photos joined the library after the journal's last row, unless recorded before.

        With `if_none`, only if no photo is recorded yet: all of them have then been there from the start.
        """
        with self._errors(), transaction(self._connection):
            if if_none and self._connection.execute("SELECT EXISTS (SELECT 1 FROM joined)").fetchone()[0]:
                return
            after = 0 if if_none else self._last_edit()
            rows = ((content_hash, after) for content_hash in content_hashes)
            self._connection.executemany("INSERT OR IGNORE INTO joined VALUES (?, ?)", rows)

    def joined(self) -> dict[str, int]:
        """Content hash to the number of the journal's last row when the photo joined, where that was not 0."""
        with self._errors():
            self._check("joined")
            return dict(self._connection.execute("SELECT content_hash, after_edit FROM joined WHERE after_edit > 0"))

    def record_sharpness(self, variances: Mapping[str, float]) -> None:
        """Store the sharpness of some photos by content hash."""
        with self._errors(), transaction(self._connection):
            self._connection.executemany("INSERT OR REPLACE INTO sharpness VALUES (?, ?)", variances.items())

    def sharpness(self) -> dict[str, float]:
        """The stored sharpness by content hash."""
        with self._errors():
            self._check("sharpness")
            return dict(self._connection.execute("SELECT content_hash, variance FROM sharpness"))

    @property
    def sidecars(self) -> SidecarRows:
        """What was written into XMP sidecars."""
        with self._errors():
            self._check("sidecars")
        return SidecarRows(self._connection, self._errors)

    def _check(self, table: str) -> None:
        """Raise `DamagedError` where rows of a table are not as they were written. Call under `_errors`."""
        if damage := damage_of(self._connection, table):
            n = damage.changed + damage.lost
            raise DamagedError(
                f"{printable(self._path)} is damaged ({plural(n, 'row')} of {table}): run `clustertags verify --repair`"
            )

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
            raise DamagedError(
                f"{printable(self._path)} is damaged ({error}): run `clustertags verify --repair`"
            ) from error
