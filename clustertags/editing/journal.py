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
    edits: dict[int, tuple[str, Edit]] = {}
    steps, last = _Steps(), 0
    for row in rows:
        last = row.number
        if steps.take(row):
            try:
                edits[row.number] = (row.made_at, from_json(row.kind, json.loads(row.payload)))
            except (KeyError, TypeError, ValueError) as error:
                raise DamagedError(f"edit {row.number} in the journal is damaged or of a newer clustertags") from error
    applied, undone = set(steps.applied), set(steps.undone)
    entries = [
        Entry(number, made_at, edit, "applied" if number in applied else "undone" if number in undone else "dropped")
        for number, (made_at, edit) in sorted(edits.items())
    ]
    return Journal(tuple(entries), joined, last)


def row_with_digest(catalogue: Catalogue, digest: str) -> int | None:
    """The number of the last row after which the applied edits had this digest, 0 for none at all; None if never."""
    steps, found = _Steps(), 0 if digest == "" else None
    for row in catalogue.edit_rows():
        steps.take(row)
        if _digest(steps.applied) == digest:
            found = row.number
    return found


class _Steps:
    """The edits, by the numbers of their rows, that are in force and that a redo would apply again, after some rows."""

    def __init__(self) -> None:
        self.applied: list[int] = []
        self.undone: list[int] = []

    def take(self, row: EditRow) -> bool:
        """Take the next row; whether it is an edit, after which those undone before it are dropped."""
        if row.kind == _UNDO:
            if self.applied:
                self.undone.append(self.applied.pop())
            return False
        if row.kind == _REDO:
            if self.undone:
                self.applied.append(self.undone.pop())
            return False
        self.undone.clear()
        self.applied.append(row.number)
        return True


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
