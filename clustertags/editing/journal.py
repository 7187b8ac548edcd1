"""The journal: every edit in the order in which it was made, undo and redo among them. Nothing is ever taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from clustertags.editing.edits import Edit
from clustertags.library.catalogue import Catalogue

State = Literal["applied", "undone", "dropped"]


@dataclass(frozen=True, slots=True)
class Entry:
    """An edit with its `number` in the journal, from 1, and `made_at`, an ISO time in UTC.

    `state`: "applied"; "undone", which a redo brings back; or "dropped", undone before a later edit.
    """

    number: int
    made_at: str
    edit: Edit
    state: State


@dataclass(frozen=True, slots=True)
class Journal:
    """A snapshot of the journal. `entries` oldest first; `joined`: content hash to the journal's last number when the
    photo joined the library, where that was not 0; `last` is the number of the last row, undo and redo counted.
    """

    entries: tuple[Entry, ...] = ()
    joined: Mapping[str, int] = ...  # type: ignore[assignment]
    last: int = 0

    @property
    def applied(self) -> tuple[Entry, ...]:
        """What is in force, oldest first."""
        raise NotImplementedError

    @property
    def to_undo(self) -> Entry | None:
        """What `undo` would take back."""
        raise NotImplementedError

    @property
    def to_redo(self) -> Entry | None:
        """What `redo` would bring back."""
        raise NotImplementedError

    @property
    def digest(self) -> str:
        """Names what is applied; two journals with the same one leave a library alike."""
        raise NotImplementedError


def read_journal(catalogue: Catalogue) -> Journal:
    """Raises `DamagedError`."""
    raise NotImplementedError


def describe_edit(edit: Edit) -> str:
    """One printable line: `dog renamed to Rex`, `3 photos moved to cat`."""
    raise NotImplementedError
