"""Catalogues of every schema that was ever written open with what they hold; a migration that fails changes nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clustertags.editing.edits import GiveTags, LabelPhotos
from clustertags.editing.journal import read_journal
from clustertags.errors import ClusterTagsError, SchemaVersionError
from clustertags.library import connections
from clustertags.library.catalogue import Catalogue
from clustertags.library.schema import SCHEMA_VERSION
from clustertags.photos.small_picture import SMALL_PIXELS

ROOT = Path("/photos")
A, B = "a" * 64, "b" * 64
VECTOR = np.arange(4, dtype="<f2")
PICTURE = np.full((SMALL_PIXELS, SMALL_PIXELS), 7, np.uint8)

FIRST = """
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
LABELS = """
CREATE TABLE labels (content_hash TEXT PRIMARY KEY, tags TEXT NOT NULL, answered_at TEXT NOT NULL) WITHOUT ROWID;
"""
EDITS = """
CREATE TABLE edits (id INTEGER PRIMARY KEY AUTOINCREMENT, made_at TEXT NOT NULL, kind TEXT NOT NULL,
    payload TEXT NOT NULL);
CREATE TRIGGER edits_stay BEFORE DELETE ON edits BEGIN SELECT RAISE(ABORT, 'edits are never deleted'); END;
CREATE TRIGGER edits_keep BEFORE UPDATE ON edits BEGIN SELECT RAISE(ABORT, 'edits are never changed'); END;
CREATE TABLE joined (content_hash TEXT PRIMARY KEY, after_edit INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sharpness (content_hash TEXT PRIMARY KEY, variance REAL NOT NULL) WITHOUT ROWID;
"""
BLANK = "CREATE TABLE blank (content_hash TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;"
PICTURES = """
CREATE TABLE pictures (id INTEGER PRIMARY KEY, content_hash TEXT NOT NULL, backbone TEXT NOT NULL,
    pixels BLOB NOT NULL, UNIQUE (content_hash, backbone));
"""
SIDECARS = """
CREATE TABLE sidecars (root BLOB NOT NULL, path BLOB NOT NULL, state TEXT NOT NULL,
    photo BLOB NOT NULL, content_hash TEXT NOT NULL, made_at TEXT NOT NULL, model TEXT NOT NULL,
    before_hash TEXT NOT NULL, after_hash TEXT NOT NULL, created TEXT NOT NULL, tags TEXT NOT NULL, original BLOB,
    PRIMARY KEY (root, path, state)) WITHOUT ROWID;
"""
WRITTEN = {
    "1 without labels": (1, FIRST),
    "1": (1, FIRST + LABELS),
    "2": (2, FIRST + EDITS),
    "3 with blank photos": (3, FIRST + EDITS + BLANK),
    "3 with pictures": (3, FIRST + EDITS + PICTURES),
    "3": (3, FIRST + EDITS + BLANK + PICTURES),
    "4": (4, FIRST + EDITS + BLANK + PICTURES + SIDECARS),
}
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "files": [
        (b"/photos", b"a.jpg", 10, 20, A, None, None, "2/pillow"),
        (b"/photos", b"n\xff.jpg", 11, 21, None, "damaged", 1, "2/pillow"),
    ],
    "contents": [(A, 8, 6, '["sea"]'), (B, 8, 6, "[]")],
    "features": [(1, A, "net", 2.0, VECTOR.tobytes()), (2, B, "net", 3.0, VECTOR.tobytes())],
    "labels": [(A, '["dog", "cat"]', "2025-01-01"), (B, "[]", "2025-01-02")],
    "edits": [
        (1, "2025-01-01", "Answer", f'{{"answers": [["{A}", ["dog", "cat"]]]}}'),
        (2, "2025-01-02", "GiveTags", f'{{"photos": ["{B}"], "tags": ["sea"]}}'),
        (3, "2025-01-03", "undo", '{"edit": 2}'),
    ],
    "joined": [(A, 0), (B, 2)],
    "sharpness": [(A, 12.5)],
    "blank": [(B, "one colour")],
    "pictures": [(1, A, "net", PICTURE.tobytes())],
    "sidecars": [
        (b"/photos", b"a.jpg.xmp", "written", b"a.jpg", A, "2025-01-01", "0001", "", "c" * 64, "[]", "[]", None),
    ],
}


def tables_of(connection: sqlite3.Connection) -> set[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name for (name,) in names}


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, read without this program."""
    connection = sqlite3.connect(path)
    try:
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in tables_of(connection)}
    finally:
        connection.close()


def form_of(path: Path) -> dict[str, Any]:
    """The columns of every table, the triggers and the number of the schema."""
    connection = sqlite3.connect(path)
    try:
        columns = {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for name in tables_of(connection)}
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name").fetchall()
        return {**columns, "triggers": triggers, "version": connection.execute("PRAGMA user_version").fetchone()}
    finally:
        connection.close()


@pytest.fixture(params=WRITTEN)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A catalogue as a program of this schema left it."""
    version, tables = WRITTEN[request.param]
    path = tmp_path / "library.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(tables)
    for name in tables_of(connection):
        rows = ROWS[name]
        connection.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(rows[0]))})", rows)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.close()
    return path


def test_the_content_stays_and_the_tables_are_todays(old: Path, tmp_path: Path) -> None:
    before = rows_of(old)
    with Catalogue(old) as catalogue:
        check_content(catalogue, before)
    after = rows_of(old)
    for name in before.keys() - {"labels"}:
        assert after[name] == before[name]
    with Catalogue(tmp_path / "new.sqlite"):
        pass
    assert form_of(old) == form_of(tmp_path / "new.sqlite")
    with Catalogue(old) as again:
        check_content(again, before)


def check_content(catalogue: Catalogue, before: dict[str, list[tuple[Any, ...]]]) -> None:
    known = catalogue.known_files(ROOT, "2/pillow")
    assert {os.fsencode(path): item.content_hash for path, item in known.items()} == {b"a.jpg": A, b"n\xff.jpg": None}
    features = catalogue.features([B, A], "net", 4)
    np.testing.assert_array_equal(features.values, [VECTOR, VECTOR])
    np.testing.assert_array_equal(features.norms, [3.0, 2.0])
    assert catalogue.keywords([A, B]) == {A: ("sea",)}
    assert catalogue.blank([A, B]) == ({B: "one colour"} if "blank" in before else {})
    assert catalogue.pictures([A], "net").any() == ("pictures" in before)
    assert catalogue.sharpness() == ({A: 12.5} if "sharpness" in before else {})
    assert set(catalogue.sidecars.written(ROOT)) == ({"a.jpg.xmp"} if "sidecars" in before else set())
    journal = read_journal(catalogue)
    if "labels" in before:
        assert [entry.edit for entry in journal.applied] == [
            LabelPhotos(((A, ("dog", "cat")),)),
            LabelPhotos(((B, ()),)),
        ]
    elif "edits" in before:
        assert [entry.edit for entry in journal.applied] == [LabelPhotos(((A, ("dog", "cat")),))]
        assert [entry.edit for entry in journal.entries if entry.state == "undone"] == [GiveTags((B,), ("sea",))]
        assert journal.joined == {B: 2}
        assert journal.last == 3
    else:
        assert journal.entries == ()


class _Failing(sqlite3.Connection):
    """A connection that fails at a statement of the migration, as on a full disk."""

    left = 0

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        of_the_file = ("CREATE TABLE", "CREATE TRIGGER", "INSERT", "DROP", "DELETE", "PRAGMA user_version =", "COMMIT")
        if sql.lstrip().startswith(of_the_file):
            type(self).left -= 1
            if type(self).left < 0:
                raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *parameters)


def open_failing(path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> bool:
    """Whether opening failed at the statement after so many."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    _Failing.left = after
    with monkeypatch.context() as patched:
        patched.setattr(
            connections.sqlite3, "connect", lambda *args, **options: connect(*args, **options, factory=_Failing)
        )
        try:
            Catalogue(path).close()
        except ClusterTagsError:
            return True
    return False


def test_a_full_disk_at_any_statement_leaves_the_old_catalogue(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, form = rows_of(old), form_of(old)
    if form["version"] == (SCHEMA_VERSION,):
        pytest.skip("there is nothing to migrate")
    after = 0
    while open_failing(old, monkeypatch, after):
        assert (rows_of(old), form_of(old)) == (before, form)
        after += 1
    assert after >= 2, "it failed at several statements"
    with Catalogue(old) as catalogue:
        check_content(catalogue, before)


_KILLED = """
import os, sqlite3, sys
from pathlib import Path
class Killed(sqlite3.Connection):
    def execute(self, sql, *parameters):
        if sql.startswith("COMMIT"):
            os._exit(9)
        return super().execute(sql, *parameters)
connect = sqlite3.connect
sqlite3.connect = lambda *args, **options: connect(*args, **options, factory=Killed)
from clustertags.library.catalogue import Catalogue
Catalogue(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("old", ["1", "3"], indirect=True)
def test_a_kill_before_the_end_leaves_the_old_catalogue(old: Path) -> None:
    before, form = rows_of(old), form_of(old)
    assert subprocess.run([sys.executable, "-c", _KILLED, str(old)], check=False).returncode == 9
    assert (rows_of(old), form_of(old)) == (before, form)
    with Catalogue(old) as catalogue:
        check_content(catalogue, before)


def test_a_newer_one_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    Catalogue(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = rows_of(path)
    with pytest.raises(SchemaVersionError, match="a newer version"):
        Catalogue(path)
    assert rows_of(path) == before
