"""Whether the journal of edits can be read and has what the version in use learnt, and what became of sidecars."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from clustertags.editing.journal import journal_of_rows
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import EditRow
from clustertags.library.catalogue_checks import reading_only
from clustertags.library.model import FittedLibrary
from clustertags.library.sidecar_rows import SidecarRow, SidecarRows
from clustertags.library.verification import Check
from clustertags.support.counts import plural


def check_journal(artifacts: Artifacts, library: FittedLibrary | None) -> Check:
    """Every edit is read; those that the version in use learnt must be a state that the journal was in.

    Raises `sqlite3.Error` or `DamagedError`.
    """
    path = artifacts.catalogue
    with reading_only(path) as connection:
        rows = [EditRow(*row) for row in _rows(connection, "edits", "id, made_at, kind, payload", "id")]
    journal = journal_of_rows(rows, {})
    found = f"{plural(len(rows), 'row')}, {plural(len(journal.applied), 'edit')} in force"
    if library is not None and library.edits:
        states = {journal_of_rows(rows[:end], {}).digest for end in range(len(rows), -1, -1)}
        if library.edits not in states:
            remedy = "`clustertags fit PHOTOS` applies what is left; a copy of library.sqlite may have more"
            return Check("journal", path, "wrong", f"{found}; it lacks edits that the version in use has", remedy)
    return Check("journal", path, "right", found)


def check_sidecars(artifacts: Artifacts) -> Check:
    """Whether the sidecars that were written are there and as they were left; other programs may change them.

    Raises `sqlite3.Error`.
    """
    states: Counter[str] = Counter()
    with reading_only(artifacts.catalogue) as connection:
        if _rows(connection, "sidecars", "1", "1"):
            rows = SidecarRows(connection, nullcontext)
            roots = [Path(os.fsdecode(row[0])) for row in connection.execute("SELECT DISTINCT root FROM sidecars")]
            for root in roots:
                states.update(_state(root, row) for row in rows.written(root).values())
                n_pending = len(rows.pending(root, "writing")) + len(rows.pending(root, "undoing"))
                states.update({"interrupted": n_pending} if n_pending else {})
    total = states["as written"] + states["changed since"] + states["gone"]
    if not total and not states["interrupted"]:
        return Check("sidecars", artifacts.catalogue, "right", "none written")
    found = f"{plural(total, 'sidecar')} written: " + ", ".join(f"{n:,} {state}" for state, n in states.items())
    only_written = states.keys() <= {"as written"}
    return Check("sidecars", artifacts.catalogue, "right" if only_written else "note", found)


def _rows(connection: sqlite3.Connection, table: str, columns: str, order: str) -> list[tuple[Any, ...]]:
    """The rows of a table, none where an earlier version had no such table."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
        return []
    return connection.execute(f"SELECT {columns} FROM {table} ORDER BY {order}").fetchall()  # noqa: S608


def _state(root: Path, row: SidecarRow) -> str:
    try:
        data = (root / row.path).read_bytes()
    except OSError:
        return "gone"
    return "as written" if hashlib.sha256(data).hexdigest() == row.after_hash else "changed since"
