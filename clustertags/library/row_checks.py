"""A checksum for every row of the catalogue, in a table of their own: SQLite finds a damaged page by its structure, not
a flipped bit in a vector or in a tag.

Triggers of the connection keep the checksums, so a row written by any statement has one; a damaged row is never
rewritten with a checksum that fits it.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

TABLE = (
    "CREATE TABLE IF NOT EXISTS checksums (source TEXT NOT NULL, key BLOB NOT NULL, checksum INTEGER NOT NULL, "
    "PRIMARY KEY (source, key)) WITHOUT ROWID"
)


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """`key`: the columns that name a row; `columns`: all that its checksum covers, the key among them."""

    key: tuple[str, ...]
    columns: tuple[str, ...]

    def key_of(self, row: str) -> str:
        """The key as an SQL expression of one blob; `row`: the alias of the row."""
        return "CAST(" + " || x'00' || ".join(f"{row}.{name}" for name in self.key) + " AS BLOB)"

    def checksum_of(self, row: str) -> str:
        """The checksum as an SQL expression: text as its bytes, as it need not be UTF-8 where it is damaged."""
        values = (
            f"typeof({row}.{name}), CASE typeof({row}.{name}) WHEN 'text' THEN CAST({row}.{name} AS BLOB) "
            f"ELSE {row}.{name} END"
            for name in self.columns
        )
        return f"row_checksum({', '.join(values)})"


CHECKED_TABLES: Mapping[str, CheckedTable] = {
    "edits": CheckedTable(("id",), ("id", "made_at", "kind", "payload")),
    "joined": CheckedTable(("content_hash",), ("content_hash", "after_edit")),
    "sidecars": CheckedTable(
        ("root", "path", "state"),
        (
            "root", "path", "state", "photo", "content_hash", "made_at", "model", "before_hash", "after_hash",
            "created", "tags", "original",
        ),
    ),
    "files": CheckedTable(
        ("root", "path"),
        ("root", "path", "size_bytes", "mtime_ns", "content_hash", "reason", "is_photo", "reader"),
    ),
    "contents": CheckedTable(("content_hash",), ("content_hash", "width", "height", "keywords")),
    "features": CheckedTable(("content_hash", "backbone"), ("content_hash", "backbone", "norm", "vector")),
    "pictures": CheckedTable(("content_hash", "backbone"), ("content_hash", "backbone", "pixels")),
    "blank": CheckedTable(("content_hash",), ("content_hash", "reason")),
    "sharpness": CheckedTable(("content_hash",), ("content_hash", "variance")),
}  # fmt: skip
"""What cannot be made again comes first: a catalogue that is recovered is read in this order."""


def row_checksum(*values: object) -> int:
    """CRC-32 of the values of a row: it finds every single flipped bit, and any other damage but one in 2**32."""
    checksum = 0
    for value in values:
        data = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
        checksum = zlib.crc32(data, zlib.crc32(b"%d:" % len(data), checksum))
    return checksum


def register(connection: sqlite3.Connection) -> None:
    """Give the connection the function that checksums are computed with."""
    connection.create_function("row_checksum", -1, row_checksum, deterministic=True)


def keep_checksums(connection: sqlite3.Connection) -> None:
    """Let this connection's writes keep the checksums. Its tables must exist."""
    register(connection)
    for name, table in CHECKED_TABLES.items():
        forget = f"DELETE FROM checksums WHERE source = '{name}' AND key = "  # noqa: S608
        store = f"INSERT INTO checksums VALUES ('{name}', {table.key_of('NEW')}, {table.checksum_of('NEW')});"  # noqa: S608
        refuse = (
            f"SELECT RAISE(ABORT, 'a row of {name} is not as it was written') WHERE EXISTS (SELECT 1 FROM checksums "  # noqa: S608
            f"WHERE source = '{name}' AND key = {table.key_of('OLD')} AND checksum != {table.checksum_of('OLD')});"
        )
        statements = {
            "BEFORE UPDATE": refuse,
            "AFTER INSERT": f"{forget}{table.key_of('NEW')}; {store}",
            "AFTER UPDATE": f"{forget}{table.key_of('OLD')}; {forget}{table.key_of('NEW')}; {store}",
            "AFTER DELETE": f"{forget}{table.key_of('OLD')};",
        }
        for when, what in statements.items():
            trigger = f"checksums_{name}_{when.replace(' ', '_').lower()}"
            connection.execute(f"CREATE TEMP TRIGGER {trigger} {when} ON main.{name} BEGIN {what} END")


def fill_in(connection: sqlite3.Connection) -> None:
    """Give every row its checksum: in the migration of an earlier version."""
    register(connection)
    connection.execute("DELETE FROM checksums")
    for name, table in CHECKED_TABLES.items():
        connection.execute(
            f"INSERT INTO checksums SELECT '{name}', {table.key_of('r')}, {table.checksum_of('r')} "  # noqa: S608
            f"FROM {name} AS r"
        )


@dataclass(frozen=True, slots=True)
class RowDamage:
    """Rows of a table whose checksum is another one, or that have none, and rows that are gone though they have one."""

    changed: int
    lost: int

    def __bool__(self) -> bool:
        return bool(self.changed or self.lost)


def damage_of(connection: sqlite3.Connection, name: str) -> RowDamage:
    """The damaged rows of a table. Raises `sqlite3.DatabaseError` where it cannot be read."""
    register(connection)
    table = CHECKED_TABLES[name]
    changed = connection.execute(
        f"SELECT count(*) FROM {name} AS r LEFT JOIN checksums AS c ON c.source = '{name}' "  # noqa: S608
        f"AND c.key = {table.key_of('r')} WHERE c.checksum IS NOT {table.checksum_of('r')}"
    ).fetchone()[0]
    n_rows = connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
    n_checksums = connection.execute("SELECT count(*) FROM checksums WHERE source = ?", (name,)).fetchone()[0]
    return RowDamage(int(changed), max(0, int(n_checksums) - int(n_rows)))
