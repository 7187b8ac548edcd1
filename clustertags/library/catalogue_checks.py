"""Whether the catalogue is whole: its pages, its rows, and features for every photo of the version in use.

It is opened for reading alone: not even an older one is brought up to date.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from clustertags.library.artifacts import Artifacts
from clustertags.library.connections import address_of, copy_with_log, has_log
from clustertags.library.row_checks import CHECKED_TABLES, damage_of
from clustertags.library.schema import SCHEMA_VERSION
from clustertags.library.verification import FIT, MAKE_REPAIRED, Check
from clustertags.support.counts import plural

_SUBJECT = "catalogue"
_FIRST_WITH_CHECKSUMS = 5


@contextmanager
def reading_only(path: Path) -> Iterator[sqlite3.Connection]:
    """The catalogue as it lies there: with SQLite's log where there is one, of which SQLite would write an index beside
    it, so that then a copy is read. Raises `sqlite3.Error`.
    """
    if not has_log(path):
        address = address_of(path, "immutable=1")
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            yield connection
        return
    with copy_with_log(path) as copy, closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        yield connection


def check_catalogue(artifacts: Artifacts) -> list[Check]:
    """Pages, references, the schema and the checksums of all rows."""
    path = artifacts.catalogue
    if not path.is_file():
        remedy = f"{FIT}; edits and what was written into sidecars are lost, unless you have a copy of the file"
        return [Check(_SUBJECT, path, "wrong", "is missing", remedy)]
    try:
        with reading_only(path) as connection:
            return [_check(path, connection)]
    except (sqlite3.Error, OSError) as error:
        return [Check(_SUBJECT, path, "wrong", f"cannot be read ({error})", MAKE_REPAIRED)]


def _check(path: Path, connection: sqlite3.Connection) -> Check:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        found = f"was written by a newer version of clustertags (schema {version})"
        return Check(_SUBJECT, path, "wrong", found, "use that version")
    faults = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
    if faults:
        return Check(_SUBJECT, path, "wrong", f"is damaged ({'; '.join(faults).replace(chr(10), ' ')})", MAKE_REPAIRED)
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        return Check(_SUBJECT, path, "wrong", "has rows that refer to none", MAKE_REPAIRED)
    if version < _FIRST_WITH_CHECKSUMS:
        found = f"whole by its pages; rows have no checksums before the next fit (schema {version})"
        return Check(_SUBJECT, path, "right", found)
    damaged = [
        f"{plural(damage.changed + damage.lost, 'row')} of {name}"
        for name in CHECKED_TABLES
        if (damage := damage_of(connection, name))
    ]
    if damaged:
        found = f"is damaged ({', '.join(damaged)} not as written)"
        return Check(_SUBJECT, path, "wrong", found, MAKE_REPAIRED)
    n_rows = connection.execute("SELECT count(*) FROM checksums").fetchone()[0]
    return Check(_SUBJECT, path, "right", f"pages whole, {plural(n_rows, 'row')} as written")


def check_features(artifacts: Artifacts, content_hashes: Sequence[str], backbone: str, n_features: int) -> Check:
    """Whether every photo has its features, of the right length and finite, and its own row. Raises `sqlite3.Error`."""
    path, subject = artifacts.catalogue, "features"
    with reading_only(path) as connection:
        rows = connection.execute("SELECT content_hash, norm, vector FROM features WHERE backbone = ?", (backbone,))
        wanted = set(content_hashes)
        sound = {row[0] for row in rows if row[0] in wanted and _is_sound(row[1], row[2], n_features)}
        described = {row[0] for row in connection.execute("SELECT content_hash FROM contents")}
    if lacking := wanted - sound:
        return Check(subject, path, "wrong", f"{plural(len(lacking), 'photo')} without usable features", FIT)
    if lacking := wanted - described:
        return Check(
            subject, path, "wrong", f"{plural(len(lacking), 'photo')} without size and keywords", MAKE_REPAIRED
        )
    return Check(subject, path, "right", f"{plural(len(wanted), 'photo')} with {n_features:,} numbers each")


def _is_sound(norm: object, vector: object, n_features: int) -> bool:
    if not isinstance(vector, bytes) or len(vector) != 2 * n_features or not isinstance(norm, float):
        return False
    return bool(np.isfinite(norm) and np.isfinite(np.frombuffer(vector, "<f2")).all())


def stored_features(path: Path, content_hashes: Iterable[str], backbone: str) -> dict[str, tuple[float, bytes]]:
    """Norm and vector of some photos, by content hash. Raises `sqlite3.Error`."""
    query = "SELECT norm, vector FROM features WHERE content_hash = ? AND backbone = ?"
    with reading_only(path) as connection:
        found = {key: connection.execute(query, (key, backbone)).fetchone() for key in content_hashes}
    return {key: (row[0], row[1]) for key, row in found.items() if row}
