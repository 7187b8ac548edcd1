"""The journal: every edit in order, undo and redo included. Nothing is ever removed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from clustertags.editing.edits import Edit, from_json, kind_of, to_json
from clustertags.errors import DamagedError, UsageError
from clustertags.library.catalogue import Catalogue, EditRow

State = Literal["applied", "undone", "dropped"]

_UNDO, _REDO = "undo", "redo"


@dataclass(frozen=True, slots=True)
class Entry:
    """An edit with its `number` in the journal, from 1, and `made_at`, an ISO time in UTC.

    `state`: "applied"; "undone", which a redo brings back; or "dropped", undone before a later edit. Undo and redo are
    rows of the journal too, so numbers have gaps.
    """

    number: int
    made_at: str
    edit: Edit
    state: State = "applied"


@dataclass(frozen=True, slots=True)
class Journal:
    """A snapshot of the journal. `entries` oldest first; `joined`: content hash to the journal's last number when the
    photo joined the library, where that was not 0; `last` is the number of the last row, undo and redo counted.
    """

    entries: tuple[Entry, ...] = ()
    joined: Mapping[str, int] = field(default_factory=dict)
    last: int = 0

    @property
    def applied(self) -> tuple[Entry, ...]:
        """Applied edits, oldest first."""
        return tuple(entry for entry in self.entries if entry.state == "applied")

    @property
    def to_undo(self) -> Entry | None:
        """The edit that an undo would revert."""
        return max(self.applied, key=lambda entry: entry.number, default=None)

    @property
    def to_redo(self) -> Entry | None:
        """The edit that a redo would apply again: undone edits return in the order in which they were made."""
        undone = [entry for entry in self.entries if entry.state == "undone"]
        return min(undone, key=lambda entry: entry.number, default=None)

    @property
    def digest(self) -> str:
        """Digest of the applied edits, "" for none: journals with the same digest result in the same library."""
        return _digest([entry.number for entry in self.applied])


def _digest(applied: Sequence[int]) -> str:
    numbers = ",".join(map(str, applied))
    return hashlib.sha256(numbers.encode()).hexdigest() if numbers else ""


def read_journal(catalogue: Catalogue, *, until: int | None = None) -> Journal:
    """Read the journal, or what it was after the row `until`. Raises `DamagedError`."""
    rows = catalogue.edit_rows()
    return journal_of_rows((row for row in rows if until is None or row.number <= until), catalogue.joined())


def read_learnt_journal(catalogue: Catalogue, digest: str) -> Journal:
    """The journal as it was when it had this digest, before what was edited since. Raises `DamagedError`."""
    row = row_with_digest(catalogue, digest)
    if row is None:
        raise DamagedError("the library's edits are not those that its model was made with: fit again")
    return read_journal(catalogue, until=row)


def journal_of_rows(rows: Iterable[EditRow], joined: Mapping[str, int]) -> Journal:
    """The journal that these rows are, oldest first. Raises `DamagedError`."""
    applied: list[Entry] = []
    undone: list[Entry] = []
    dropped: list[Entry] = []
    last = 0
    for row in rows:
        last = row.number
        if row.kind == _UNDO:
            if applied:
                undone.append(applied.pop())
        elif row.kind == _REDO:
            if undone:
                applied.append(undone.pop())
        else:
            dropped += undone
            undone.clear()
            try:
                edit = from_json(row.kind, json.loads(row.payload))
            except (KeyError, TypeError, ValueError) as error:
                raise DamagedError(f"edit {row.number} in the journal is damaged or of a newer clustertags") from error
            applied.append(Entry(row.number, row.made_at, edit))
    states: list[tuple[list[Entry], State]] = [(applied, "applied"), (undone, "undone"), (dropped, "dropped")]
    entries = [Entry(item.number, item.made_at, item.edit, state) for group, state in states for item in group]
    return Journal(tuple(sorted(entries, key=lambda entry: entry.number)), joined, last)


def row_with_digest(catalogue: Catalogue, digest: str) -> int | None:
    """The number of the last row after which the applied edits had this digest, 0 for none at all; None if never."""
    applied: list[int] = []
    undone: list[int] = []
    found = 0 if digest == "" else None
    for row in catalogue.edit_rows():
        if row.kind == _UNDO:
            if applied:
                undone.append(applied.pop())
        elif row.kind == _REDO:
            if undone:
                applied.append(undone.pop())
        else:
            undone.clear()
            applied.append(row.number)
        if _digest(applied) == digest:
            found = row.number
    return found


def append(catalogue: Catalogue, edit: Edit) -> Entry:
    """Commit the edit; edits undone before it can no longer be redone."""
    row = catalogue.append_edit(kind_of(edit), to_json(edit))
    return Entry(row.number, row.made_at, edit)


def append_undo(catalogue: Catalogue) -> Entry:
    """Undo the last applied edit, and return it. Raises `UsageError` if there is none."""
    journal = read_journal(catalogue)
    return _append_step(catalogue, journal, _UNDO, journal.to_undo, "no edit is in force")


def append_redo(catalogue: Catalogue) -> Entry:
    """Redo the edit that was undone last, and return it. Raises `UsageError` if there is none."""
    journal = read_journal(catalogue)
    return _append_step(catalogue, journal, _REDO, journal.to_redo, "no edit was undone since the last new one")


def _append_step(catalogue: Catalogue, journal: Journal, kind: str, entry: Entry | None, why_none: str) -> Entry:
    if entry is None:
        raise UsageError(f"there is nothing to {kind}: {why_none}")
    catalogue.append_edit(kind, {"edit": entry.number}, after=journal.last)
    return entry
