"""A new catalogue from what can be read of a damaged one, which is kept beside it.

copy -> mended header -> rows as they were written, those that nothing else can give first -> the new catalogue
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from clustertags.library.artifacts import Artifacts, staging_folder
from clustertags.library.catalogue import Catalogue
from clustertags.library.connections import log_of
from clustertags.library.row_checks import CHECKED_TABLES, CheckedTable, keep_checksums, register
from clustertags.library.schema import prepare, transaction
from clustertags.library.storage import storage_errors, sync_folder
from clustertags.support.files import link_or_copy

# The constant bytes of the header: https://www.sqlite.org/fileformat.html#the_database_header. Pages of 4,096 bytes and
# the write-ahead log are what the catalogue is made with.
_HEADER = {0: b"SQLite format 3\x00", 16: b"\x10\x00\x02\x02\x00\x40\x20\x20"}
_PAGE_BYTES, _PAGE_COUNT_AT = 4096, 28
_IRREPLACEABLE = frozenset({"edits", "joined", "sidecars"})
_BY_NUMBER = frozenset({"edits", "features", "pictures"})
_MOST_MISSING = 10_000  # numbers in a row without a row, after which no further one is looked up


@dataclass(frozen=True, slots=True)
class Salvage:
    """`damaged`: where the damaged catalogue is now; `recovered` and `lost`: rows by table, as far as known."""

    damaged: Path
    recovered: Mapping[str, int]
    lost: Mapping[str, int]


def salvage(artifacts: Artifacts) -> Salvage:
    """Replace the catalogue by a new one with all rows that are as they were written. Call under `writing`."""
    path = artifacts.catalogue
    with storage_errors(artifacts.folder):
        folder = staging_folder(artifacts.folder)
        try:
            copy, renewed = folder / "damaged.sqlite", folder / "library.sqlite"
            shutil.copyfile(path, copy)
            if (log := log_of(path)).is_file():
                shutil.copyfile(log, log_of(copy))
            _mend_header(copy)
            Catalogue(renewed).close()
            with closing(_connect(copy)) as source, closing(_connect(renewed)) as target:
                with suppress(sqlite3.Error):
                    prepare(source, path)
                register(source)
                keep_checksums(target)
                recovered, lost = _copy_rows(source, target)
                target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            damaged = _put_in_place(renewed, path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return Salvage(damaged, recovered, lost)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")  # damaged text is told by its checksum
    return connection


def _mend_header(copy: Path) -> None:
    """Give a copy the parts of SQLite's header without which nothing is read: constants, and the number of pages."""
    n_pages = copy.stat().st_size // _PAGE_BYTES
    with copy.open("r+b") as file:
        for offset, data in {**_HEADER, _PAGE_COUNT_AT: n_pages.to_bytes(4, "big")}.items():
            file.seek(offset)
            file.write(data)


def _copy_rows(source: sqlite3.Connection, target: sqlite3.Connection) -> tuple[dict[str, int], dict[str, int]]:
    """The numbers of rows recovered and lost, by table."""
    recovered, lost = {}, {}
    checksums = _checksums(source)
    with transaction(target):
        for name, table in CHECKED_TABLES.items():
            places = ", ".join("?" * len(table.columns))
            insert = f"INSERT OR IGNORE INTO {name} ({', '.join(table.columns)}) VALUES ({places})"  # noqa: S608
            expected = {key for of, key in checksums if of == name}
            seen: set[bytes] = set()
            for key, checksum, *values in _rows(source, name, table):
                known = checksums.get((name, key))
                if checksum == known or (known is None and (not checksums or name in _IRREPLACEABLE)):
                    with suppress(sqlite3.Error):
                        target.execute(insert, values)
                        seen.add(key)
                else:
                    expected.add(key)
            recovered[name], lost[name] = len(seen), len(expected - seen)
        _leave_consistent(target, checksums)
    return recovered, lost


def _checksums(source: sqlite3.Connection) -> dict[tuple[str, bytes], int]:
    """The checksums that can be read, by table and key; none of an earlier version's catalogue."""
    found: dict[tuple[str, bytes], int] = {}
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            query = f"SELECT source, key, checksum FROM checksums ORDER BY source {order}, key {order}"  # noqa: S608
            for name, key, checksum in source.execute(query):
                found[name, key] = checksum
            break
    return found


def _rows(source: sqlite3.Connection, name: str, table: CheckedTable) -> Iterator[tuple[bytes, int, object]]:
    """Key, checksum and values of every row that can be read: from both ends towards what cannot, and by number."""
    columns = ", ".join(f"r.{column}" for column in table.columns)
    query = f"SELECT {table.key_of('r')}, {table.checksum_of('r')}, {columns} FROM {name} AS r"  # noqa: S608
    order = ("rowid",) if name in _BY_NUMBER else table.key
    seen: set[bytes] = set()
    for direction in ("ASC", "DESC"):
        ordering = ", ".join(f"r.{column} {direction}" for column in order)
        try:
            for row in source.execute(f"{query} ORDER BY {ordering}"):
                if row[0] in seen:
                    return
                seen.add(row[0])
                yield row
        except (sqlite3.Error, UnicodeError):
            continue
        return
    if name in _BY_NUMBER:
        yield from _rows_by_number(source, name, query, seen)


def _rows_by_number(
    source: sqlite3.Connection, name: str, query: str, seen: set[bytes]
) -> Iterator[tuple[bytes, int, object]]:
    """What lies between two damaged pages."""
    number = n_missing = 0
    while n_missing < _MOST_MISSING:
        number, n_missing = number + 1, n_missing + 1
        with suppress(sqlite3.Error, UnicodeError):
            row = source.execute(f"{query} WHERE r.rowid = ?", (number,)).fetchone()
            if row:
                n_missing = 0
                if row[0] not in seen:
                    yield row


def _leave_consistent(target: sqlite3.Connection, checksums: Mapping[tuple[str, bytes], int]) -> None:
    """Take away what goes with a lost row: undo and redo of a lost edit, features without their photo's own row, which
    the next fit extracts again. The numbers of lost edits are not given again.
    """
    lost = "json_extract(payload, '$.edit') NOT IN (SELECT id FROM edits)"
    target.execute("DROP TRIGGER edits_stay")
    target.execute(f"DELETE FROM edits WHERE kind IN ('undo', 'redo') AND json_valid(payload) AND {lost}")  # noqa: S608
    target.execute(
        "CREATE TRIGGER edits_stay BEFORE DELETE ON edits BEGIN SELECT RAISE(ABORT, 'edits are never deleted'); END"
    )
    target.execute("DELETE FROM features WHERE content_hash NOT IN (SELECT content_hash FROM contents)")
    numbers = [int(key) for name, key in checksums if name == "edits" and key.isdigit()]
    if numbers:
        target.execute("DELETE FROM sqlite_sequence WHERE name = 'edits'")
        target.execute("INSERT INTO sqlite_sequence VALUES ('edits', ?)", (max(numbers),))


def _put_in_place(renewed: Path, path: Path) -> Path:
    """Keep the damaged catalogue and its log under a name of their own, and put the new one in its place."""
    number = 1
    while (damaged := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    link_or_copy(path, damaged)
    if (log := log_of(path)).is_file():
        log.replace(log_of(damaged))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    renewed.replace(path)
    sync_folder(path.parent)
    return damaged
