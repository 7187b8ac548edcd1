"""Carry out changes of sidecars so that the catalogue is true of the disk, wherever the process ends."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from clustertags.errors import StorageError
from clustertags.export.sidecar_diff import difference
from clustertags.export.sidecar_files import (
    TEMPORARY_PREFIX,
    TEMPORARY_SUFFIX,
    RefusedError,
    Seen,
    Writer,
    bytes_of,
    check_folder,
    read_seen,
)
from clustertags.export.xmp_keywords import WRITTEN
from clustertags.export.xmp_packet import keywords
from clustertags.export.xmp_record import Record
from clustertags.export.xmp_source import NotEditableError, Source
from clustertags.library.sidecar_rows import Pending, SidecarRow, SidecarRows

Action = Literal["created", "changed", "unchanged", "undone", "removed", "refused"]

_BATCH = 50
_TEMPORARY = re.compile(rf"{re.escape(TEMPORARY_PREFIX)}\d+{re.escape(TEMPORARY_SUFFIX)}")


@dataclass(frozen=True, slots=True)
class SidecarOutcome:
    """What became of one sidecar, or would in a dry run.

    `photo`: its path, "" where an undo found the sidecar alone; `sidecar`: its path, or the one it would have; both
    relative to the folder of photos. `n_keywords`: how many entries were added to its three lists, or taken away from
    them. `reason`: why it was refused or left as it is. `difference`: a unified difference, in a dry run alone.
    """

    photo: str
    sidecar: str
    action: Action
    n_keywords: int = 0
    reason: str = ""
    difference: str = ""


@dataclass(frozen=True, slots=True)
class SidecarReport:
    """The outcomes in the order of the sidecars' paths."""

    outcomes: tuple[SidecarOutcome, ...]

    def count(self, *actions: Action) -> int:
        return sum(outcome.action in actions for outcome in self.outcomes)

    @property
    def n_changed(self) -> int:
        """How many files were written, changed or removed."""
        return self.count("created", "changed", "undone", "removed")

    @property
    def refused(self) -> tuple[SidecarOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.action == "refused")


class Rows(Protocol):
    """Where changes are recorded."""

    def intend(self, root: Path, rows: Iterable[SidecarRow], state: Pending) -> None: ...

    def settle(self, root: Path, done: Iterable[str], given_up: Iterable[str]) -> None: ...

    def forget(self, root: Path, paths: Iterable[str]) -> None: ...


class NoRows:
    """Records nothing: for a dry run, and where the catalogue is lost."""

    def intend(self, root: Path, rows: Iterable[SidecarRow], state: Pending) -> None: ...

    def settle(self, root: Path, done: Iterable[str], given_up: Iterable[str]) -> None: ...

    def forget(self, root: Path, paths: Iterable[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is decided: the file as it was `seen`, its new `data` (None: no file), and the row for it."""

    path: Path
    seen: Seen | None
    data: bytes | None
    row: SidecarRow
    outcome: SidecarOutcome


class Run:
    """Takes changes, carries them out by the batch, and keeps their outcomes.

    In a batch the intentions are committed first, then files are replaced, then what was done is committed.
    """

    def __init__(
        self,
        root: Path,
        state: Pending,
        writer: Writer,
        rows: Rows,
        *,
        shows_differences: bool,
        on_outcome: Callable[[SidecarOutcome], None] | None,
    ) -> None:
        self._root, self._state, self._writer, self._rows = root, state, writer, rows
        self._shows_differences, self._on_outcome = shows_differences, on_outcome
        self._waiting: list[Change] = []
        self._outcomes: list[SidecarOutcome] = []

    def add(self, change: Change) -> None:
        self._waiting.append(change)
        if len(self._waiting) >= _BATCH:
            self.finish()

    def note(self, outcome: SidecarOutcome) -> None:
        """Keep an outcome; a difference is kept only where nobody takes the outcomes one by one."""
        if self._on_outcome is not None:
            self._on_outcome(outcome)
            outcome = replace(outcome, difference="")
        self._outcomes.append(outcome)

    def report(self) -> SidecarReport:
        """Carry out what is waiting, and report all."""
        self.finish()
        return SidecarReport(tuple(sorted(self._outcomes, key=lambda outcome: (outcome.sidecar, outcome.photo))))

    def finish(self) -> None:
        """Carry out what is waiting."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self._rows.intend(self._root, [change.row for change in waiting], self._state)
        done: list[str] = []
        given_up: list[str] = []
        try:
            for change in waiting:
                self._carry_out(change, done, given_up)
        except StorageError:
            given_up += [change.row.path for change in waiting if change.row.path not in done]
            raise
        finally:  # after an interrupt, what is in neither list is looked at by the next run
            self._writer.sync()
            self._rows.settle(self._root, done, given_up)

    def _carry_out(self, change: Change, done: list[str], given_up: list[str]) -> None:
        outcome = change.outcome
        try:
            if change.data is not None:
                self._writer.replace(change.path, change.data, change.seen)
            elif change.seen is not None:
                self._writer.remove(change.path, change.seen)
        except RefusedError as refused:
            given_up.append(change.row.path)
            self.note(replace(outcome, action="refused", n_keywords=0, reason=str(refused)))
            return
        done.append(change.row.path)
        if self._shows_differences:
            shown = difference(outcome.sidecar, bytes_of(change.seen), change.data)
            outcome = replace(outcome, difference=shown)
        self.note(outcome)


def digest(data: bytes | None) -> str:
    """The SHA-256 of a file's bytes in hexadecimal, "" where there is no file."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def record_of(row: SidecarRow | None) -> Record:
    """What a row says was written."""
    if row is None:
        return Record()
    added = {name: tuple(tag.text for tag in row.tags if tag.property == name) for name in WRITTEN}
    return Record({name: texts for name, texts in added.items() if texts}, frozenset(row.created))


def settle_interrupted(root: Path, rows: SidecarRows) -> None:
    """Find out of every change that an earlier run intended whether it came about; remove the files it left over."""
    for state in ("writing", "undoing"):
        intended = rows.pending(root, state)
        done = [row.path for row in intended if _came_about(root, row, state)]
        if intended:
            rows.settle(root, done, {row.path for row in intended} - set(done))
        for folder in {(root / row.path).parent for row in intended}:
            with suppress(OSError):
                for path in folder.iterdir():
                    if _TEMPORARY.fullmatch(path.name):
                        path.unlink()


def _came_about(root: Path, row: SidecarRow, state: Pending) -> bool:
    try:
        data = bytes_of(read_seen(check_folder(root, row.path)))
    except RefusedError:
        return False
    if digest(data) in {row.after_hash, row.before_hash}:
        return digest(data) == row.after_hash
    # Another program has rewritten it since: the write came about if anything of it is there.
    return state == "writing" and data is not None and bool(still_there(data, row))


def still_there(data: bytes, row: SidecarRow) -> set[tuple[str, str]]:
    """Which tags of a row a document holds, as (list, text)."""
    try:
        source = Source(data)
    except NotEditableError:
        return set()
    held = {(name, text) for name, keyword_list in WRITTEN.items() for text in keywords(source, keyword_list)}
    return held & {(tag.property, tag.text) for tag in row.tags}
