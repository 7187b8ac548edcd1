"""What was written into XMP sidecars, as the catalogue keeps it: by folder, sidecar, photo and tag.

A write is recorded as intended before a file is replaced and as done afterwards, so that a process killed in between
leaves a row that says which of the two states the file may have.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from clustertags.library.schema import transaction

Kind = Literal["mine", "predicted", "parent", "copy"]
Pending = Literal["writing", "undoing"]

_COLUMNS = "path, photo, content_hash, made_at, model, before_hash, after_hash, created, tags, original"


@dataclass(frozen=True, slots=True)
class WrittenTag:
    """A keyword that was written into the list `property` as `text`.

    `kind`: the person's own tag, a prediction (with its `score` and the `model` that made it), the parent of a tag, or
    a copy of a keyword that the photo or another list of the sidecar held. `made_at`: ISO 8601.
    """

    property: str
    text: str
    kind: Kind
    score: float | None
    model: str
    made_at: str


@dataclass(frozen=True, slots=True)
class SidecarRow:
    """A sidecar that was written, or is about to be.

    `path` and `photo` are relative to the folder of photos. `before_hash` and `after_hash`: SHA-256 of the file before
    and after in hexadecimal, "" where there is no file. `created`: the lists that were made. `original`: the bytes that
    undoing gives, where taking the tags away does not give them.
    """

    path: str
    photo: str
    content_hash: str
    made_at: str
    model: str
    before_hash: str
    after_hash: str
    created: tuple[str, ...]
    tags: tuple[WrittenTag, ...]
    original: bytes | None = None


class SidecarRows:
    """The rows of `connection`; `errors` turns errors of the database into those of the program."""

    def __init__(self, connection: sqlite3.Connection, errors: Callable[[], AbstractContextManager[None]]) -> None:
        self._connection = connection
        self._errors = errors
        with self._errors():  # what is intended must be on the disk before a sidecar is
            connection.execute("PRAGMA synchronous = FULL")

    def written(self, root: Path) -> dict[str, SidecarRow]:
        """The sidecars below `root` that were written and not undone, by path."""
        return {row.path: row for row in self._rows(root, "written")}

    def pending(self, root: Path, state: Pending) -> tuple[SidecarRow, ...]:
        """Those that a run was about to write, or to undo, when it ended."""
        return tuple(self._rows(root, state))

    def intend(self, root: Path, rows: Iterable[SidecarRow], state: Pending) -> None:
        """Record what is about to be done to some files."""
        with self._errors(), transaction(self._connection):
            self._connection.executemany(
                f"INSERT OR REPLACE INTO sidecars (root, state, {_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
                ((os.fsencode(root), state, *_values(row)) for row in rows),
            )

    def settle(self, root: Path, done: Iterable[str], given_up: Iterable[str]) -> None:
        """Record that what was intended for these paths was done, or was not."""
        key = "root = ? AND path = ?"
        with self._errors(), transaction(self._connection):
            for path in done:
                at = (os.fsencode(root), os.fsencode(path))
                self._connection.execute(f"DELETE FROM sidecars WHERE {key} AND state = 'written'", at)  # noqa: S608
                self._connection.execute(
                    f"UPDATE sidecars SET state = 'written' WHERE {key} AND state = 'writing'",  # noqa: S608
                    at,
                )
                self._connection.execute(f"DELETE FROM sidecars WHERE {key} AND state = 'undoing'", at)  # noqa: S608
            for path in given_up:
                at = (os.fsencode(root), os.fsencode(path))
                self._connection.execute(f"DELETE FROM sidecars WHERE {key} AND state != 'written'", at)  # noqa: S608

    def forget(self, root: Path, paths: Iterable[str]) -> None:
        """Remove the rows of sidecars in which nothing of ours is left."""
        with self._errors(), transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM sidecars WHERE root = ? AND path = ?",
                ((os.fsencode(root), os.fsencode(path)) for path in paths),
            )

    def move(self, old: Path, new: Path) -> None:
        """Let the rows of the folder `old` be those of `new`, where the photos are now."""
        with self._errors(), transaction(self._connection):
            self._connection.execute(
                "UPDATE OR REPLACE sidecars SET root = ? WHERE root = ?", (os.fsencode(new), os.fsencode(old))
            )

    def _rows(self, root: Path, state: str) -> list[SidecarRow]:
        with self._errors():
            found = self._connection.execute(
                f"SELECT {_COLUMNS} FROM sidecars WHERE root = ? AND state = ? ORDER BY path",  # noqa: S608
                (os.fsencode(root), state),
            ).fetchall()
        return [_row(values) for values in found]


def _values(row: SidecarRow) -> tuple[object, ...]:
    return (
        os.fsencode(row.path),
        os.fsencode(row.photo),
        row.content_hash,
        row.made_at,
        row.model,
        row.before_hash,
        row.after_hash,
        json.dumps(row.created),
        json.dumps([asdict(tag) for tag in row.tags], separators=(",", ":")),
        None if row.original is None else zlib.compress(row.original),
    )


def _row(values: tuple[object, ...]) -> SidecarRow:
    path, photo, content_hash, made_at, model, before, after, created, tags, original = values
    return SidecarRow(
        os.fsdecode(path),  # type: ignore[arg-type]
        os.fsdecode(photo),  # type: ignore[arg-type]
        str(content_hash),
        str(made_at),
        str(model),
        str(before),
        str(after),
        tuple(json.loads(str(created))),
        tuple(WrittenTag(**tag) for tag in json.loads(str(tags))),
        zlib.decompress(original) if isinstance(original, bytes) else None,
    )
