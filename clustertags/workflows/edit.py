"""Edits recorded for good, seen at once, and learnt: journal -> library as edited -> tag model -> a new version."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clustertags.editing.edits import Edit
from clustertags.editing.journal import Entry, Journal, append, append_redo, append_undo, read_journal
from clustertags.editing.replay import Edited, apply_edits, as_edited, base_of, put_on, replay
from clustertags.editing.sentences import describe_edit
from clustertags.errors import DamagedError
from clustertags.features.conversion import read_converted
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.library_features import open_catalogue, read_library_features
from clustertags.library.model import FittedLibrary
from clustertags.library.publishing import publish
from clustertags.library.reuse import earlier_reduction
from clustertags.library.saving import load_library
from clustertags.support.printable import printable
from clustertags.types import Progress, no_progress
from clustertags.workflows.learn import ClusteredPhotos, LearntTags, learn_tags


@dataclass(frozen=True, slots=True)
class Change:
    """What `do`, `undo` or `redo` did: the entry, a printable sentence, and the library as it is now; `notices`: a line
    for each edit that does not hold as it was made.
    """

    entry: Entry
    sentence: str
    library: FittedLibrary
    is_undo: bool = False

    @property
    def notices(self) -> tuple[str, ...]:
        return self.library.edit_notices


def put_on_learnt(library: FittedLibrary, edited: Edited, learnt: LearntTags) -> FittedLibrary:
    """The library with what was learnt from its edited clusters and tags."""
    renewed = replace(
        library,
        seeds=learnt.seed_tags,
        demoted=learnt.demoted,
        tag_model=learnt.tag_model,
        top_tags=learnt.top_tags,
        descriptions=learnt.descriptions,
        neighbours=learnt.neighbours,
    )
    return put_on(renewed, edited)


class Editor:
    """A library open for edits; safe to use from several threads. Raises `ArtifactsError`.

    `do`, `undo` and `redo` commit one row of the journal and show its effect in `library` in well under a second; the
    tags follow with `publish`, which takes seconds and may run in a thread of its own. A process killed at any time
    leaves the journal with or without the row, and the version in use old or new. Edits of several processes all come
    into the journal, and none is lost; only `publish` waits for nobody: it refuses while another process writes.
    """

    def __init__(self, folder: Path = DEFAULT_FOLDER) -> None:
        self._artifacts = Artifacts(folder)
        self._lock = threading.RLock()
        self._version = self._artifacts.current()
        self._published = load_library(self._version)
        self._journal = self._read_journal()
        self._library = apply_edits(self._published, self._journal)

    @property
    def library(self) -> FittedLibrary:
        """The library as edited, frozen; take it once a request."""
        return self._library

    @property
    def version(self) -> Version:
        """The version that is in use."""
        return self._version

    @property
    def journal(self) -> Journal:
        return self._journal

    @property
    def is_published(self) -> bool:
        """Whether the version in use holds all edits."""
        with self._lock:
            return self._published.edits == self._journal.digest

    def do(self, edit: Edit) -> Change:
        """Commit an edit that `editing.new_edits` made."""
        return self._change("", lambda catalogue: append(catalogue, edit))

    def undo(self) -> Change:
        """Take the last edit back. Raises `UsageError` where nothing is left to undo."""
        return replace(self._change("undone: ", append_undo), is_undo=True)

    def redo(self) -> Change:
        """Bring the edit that was undone last back. Raises `UsageError` where nothing is left to redo."""
        return self._change("done again: ", append_redo)

    def commit(self, action: Callable[[Editor], Change], progress: Progress = no_progress) -> Change:
        """Make a change and publish it, or refuse both while another process writes: `LockedError`.

        `action` is called with this editor once nobody else can write; the library of the result is that of the new
        version.
        """
        with self._artifacts.writing(), self._lock:
            self.reload()
            change = action(self)
            self._publish(progress)
            return replace(change, library=self._library)

    def reload(self) -> bool:
        """Take in what another process fitted or edited; false where nothing had changed, which takes milliseconds."""
        with self._lock:
            version = self._artifacts.current()
            if version.name != self._version.name:
                self._published = load_library(version)
                self._version = version
            elif self._last_edit() == self._journal.last:
                return False
            self._journal = self._read_journal()
            self._library = apply_edits(self._published, self._journal)
            return True

    def publish(self, progress: Progress = no_progress) -> Version:
        """Learn from the library as edited and put it in use. Raises `LockedError` while another process writes.

        Edits made meanwhile by other threads are seen at once and wait for the next call.
        """
        with self._artifacts.writing():
            self.reload()
            self._publish(progress)
            return self._version

    def _publish(self, progress: Progress) -> None:
        with self._lock:
            version, published, journal = self._version, self._published, self._journal
        if published.edits == journal.digest:
            return
        reduction = earlier_reduction(self._artifacts, version.manifest["layout"])
        if reduction is None:
            raise DamagedError(f"{printable(version.folder)} lacks its layout: fit again, the edits are recorded")
        renewed = self._learn(version, published, journal, progress)
        converted = read_converted(version.folder)
        made = publish(self._artifacts, renewed, reduction.embedding, converted, version.manifest["layout"])
        with self._lock:
            self._version, self._published = made, renewed
            self._library = apply_edits(renewed, self._journal)

    def _learn(self, version: Version, published: FittedLibrary, journal: Journal, progress: Progress) -> FittedLibrary:
        edited = replay(published.photos, published.space, base_of(published), published.rules, journal)
        view = as_edited(published, edited)
        if _says_the_same(published, view):
            return view
        described = read_library_features(self._artifacts, version, published)
        grouped = ClusteredPhotos(
            described.features,
            described.classifier,
            published.space,
            edited.groups.clusters,
            published.neighbours,
            published.name_vectors(),
        )
        seed = int(published.settings["seed"])
        learnt = learn_tags(grouped, edited.tags.seeds, published.rules, random_state=seed, progress=progress)
        return put_on_learnt(published, edited, learnt)

    def _change(self, before: str, write: Callable[[Catalogue], Entry]) -> Change:
        with self._lock:
            with open_catalogue(self._artifacts) as catalogue:
                catalogue.note_joined((photo.content_hash for photo in self._library.photos), if_none=True)
                entry = write(catalogue)
                journal = read_journal(catalogue)
            self._journal = journal
            self._library = apply_edits(self._published, journal)
            return Change(entry, before + describe_edit(entry.edit), self._library)

    def _read_journal(self) -> Journal:
        with open_catalogue(self._artifacts) as catalogue:
            return read_journal(catalogue)

    def _last_edit(self) -> int:
        with open_catalogue(self._artifacts) as catalogue:
            return catalogue.last_edit()


def load_edited(folder: Path = DEFAULT_FOLDER) -> FittedLibrary:
    """The library in use with every edit of the journal, those not yet learnt among them. Raises `ArtifactsError`.

    Where the catalogue, and so the journal, is gone, the edits are those that were learnt.
    """
    artifacts = Artifacts(folder)
    return Editor(folder).library if artifacts.catalogue.is_file() else load_library(artifacts.current())


def _says_the_same(before: FittedLibrary, after: FittedLibrary) -> bool:
    """Whether the tag model of `before` is right for `after`: the same clusters and tags, under whatever names."""
    same_seeds = (
        before.seeds.vocabulary == after.seeds.vocabulary
        and np.array_equal(before.seeds.photos, after.seeds.photos)
        and np.array_equal(before.seeds.matrix, after.seeds.matrix)
    )
    same_groups = np.array_equal(before.clusters.labels, after.clusters.labels) and np.array_equal(
        before.hidden, after.hidden
    )
    return same_seeds and same_groups and before.rejected == after.rejected
