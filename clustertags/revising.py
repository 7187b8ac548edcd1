"""Edits recorded for good, seen at once, and learnt: journal -> library as edited -> tag model -> a new version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clustertags.editing.edits import Edit
from clustertags.editing.journal import Entry, Journal
from clustertags.library.artifacts import DEFAULT_FOLDER, Version
from clustertags.library.model import FittedLibrary
from clustertags.types import Progress, no_progress


@dataclass(frozen=True, slots=True)
class Change:
    """What `do`, `undo` or `redo` did: the entry, in a printable sentence, and the library as it is now."""

    entry: Entry
    sentence: str
    library: FittedLibrary


class Editor:
    """A library open for edits; safe to use from several threads. Raises `ArtifactsError`.

    `do`, `undo` and `redo` commit one row of the journal and show its effect in `library` in well under a second; the
    tags follow with `publish`, which takes seconds and may run in a thread of its own. A process killed at any time
    leaves the journal with or without the row, and the version in use old or new.
    """

    def __init__(self, folder: Path = DEFAULT_FOLDER) -> None:
        raise NotImplementedError

    @property
    def library(self) -> FittedLibrary:
        """The library as edited, frozen; take it once a request."""
        raise NotImplementedError

    @property
    def version(self) -> Version:
        """The version that is in use."""
        raise NotImplementedError

    @property
    def journal(self) -> Journal:
        raise NotImplementedError

    @property
    def is_published(self) -> bool:
        """Whether the version in use holds all edits."""
        raise NotImplementedError

    def do(self, edit: Edit) -> Change:
        raise NotImplementedError

    def undo(self) -> Change:
        """Raises `UsageError` where nothing is left to undo."""
        raise NotImplementedError

    def redo(self) -> Change:
        raise NotImplementedError

    def reload(self) -> bool:
        """Take in what another process fitted or edited; false where nothing had changed. A few stats when nothing."""
        raise NotImplementedError

    def publish(self, progress: Progress = no_progress) -> Version:
        """Learn from the library as edited and put it in use. Raises `LockedError` while another process writes."""
        raise NotImplementedError
