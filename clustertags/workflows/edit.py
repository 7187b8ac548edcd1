"""Record edits, apply them, and learn from them: journal -> edited library -> tag model -> a new version."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clustertags.editing.edits import Edit
from clustertags.editing.journal import Entry, Journal, append, append_redo, append_undo, read_journal, row_with_digest
from clustertags.editing.replay import Edited, apply_edits, base_of, replay, with_edits, with_unlearnt_edits
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
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import Bool, Progress, no_progress
from clustertags.workflows.learn import ClusteredPhotos, LearntTags, learn_tags


@dataclass(frozen=True, slots=True)
class Change:
    """The result of `do`, `undo` or `redo`: the entry, a printable sentence, and the edited library; `notices`: a line
    for each edit that could not be applied in full.
    """

    entry: Entry
    sentence: str
    library: FittedLibrary
    is_undo: bool = False

    @property
    def notices(self) -> tuple[str, ...]:
        return self.library.edit_notices


def with_learnt_tags(library: FittedLibrary, edited: Edited, learnt: LearntTags) -> FittedLibrary:
    """The library with the tag model learnt from its edited clusters and tags."""
    renewed = replace(
        library,
        seeds=learnt.seed_tags,
        demoted=learnt.demoted,
        tag_model=learnt.tag_model,
        top_tags=learnt.top_tags,
        descriptions=learnt.descriptions,
        neighbours=learnt.neighbours,
    )
    return with_edits(renewed, edited)


class Editor:
    """A library open for edits; safe to use from several threads. Raises `ArtifactsError`.

    `do`, `undo` and `redo` commit one row of the journal and apply it to `library` in well under a second. `publish`
    learns the tags, takes seconds, and may run in another thread. A process killed at any time leaves the journal with
    or without the row, and the version in use old or new. Several processes may edit at once; `publish` raises
    `LockedError` while another process writes.
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
        """The edited library, frozen; read this property once per request."""
        return self._library

    @property
    def published(self) -> FittedLibrary:
        """The library of the version in use, with the edits that it learnt alone."""
        return self._published

    @property
    def version(self) -> Version:
        """The version in use."""
        return self._version

    @property
    def journal(self) -> Journal:
        return self._journal

    @property
    def is_published(self) -> bool:
        """Whether the version in use contains all edits."""
        with self._lock:
            return self._published.edits == self._journal.digest

    @property
    def is_read_only(self) -> bool:
        """Whether the library lies on a read-only disk, and every edit raises `StorageError`."""
        return self._artifacts.is_read_only

    def do(self, edit: Edit) -> Change:
        """Commit an edit made by `editing.new_edits`."""
        return self._change("", lambda catalogue: append(catalogue, edit))

    def undo(self) -> Change:
        """Undo the last edit. Raises `UsageError` if there is none."""
        return replace(self._change("undone: ", append_undo), is_undo=True)

    def redo(self) -> Change:
        """Redo the edit that was undone last. Raises `UsageError` if there is none."""
        return self._change("done again: ", append_redo)

    def commit(self, action: Callable[[Editor], Change], progress: Progress = no_progress) -> Change:
        """Make a change and publish it. Raises `LockedError`, and changes nothing, while another process writes.

        `action` is called with this editor under the lock; the library of the result is that of the new version.
        """
        with self._artifacts.writing(), self._lock:
            self.reload()
            change = action(self)
            self._publish(progress)
            return replace(change, library=self._library)

    def reload(self) -> bool:
        """Load fits and edits of other processes. Returns False if there are none, which takes milliseconds."""
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
        """Learn from the edited library and publish it. Raises `LockedError` while another process writes.

        Edits that other threads make meanwhile are applied at once and learnt by the next call.
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
        made = publish(
            self._artifacts,
            renewed,
            reduction.embedding,
            converted,
            version.manifest["layout"],
            made_by="edits",
            made_of=self._steps_since(published, journal),
        )
        with self._lock:
            self._version, self._published = made, renewed
            self._library = apply_edits(renewed, self._journal)

    def _steps_since(self, published: FittedLibrary, journal: Journal) -> str:
        """What was edited since, for a person: one edit as a sentence, several as their number."""
        with open_catalogue(self._artifacts) as catalogue:
            since = row_with_digest(catalogue, published.edits) or 0
        new = [entry for entry in journal.applied if entry.number > since]
        n_steps = journal.last - since
        return describe_edit(new[0].edit) if len(new) == n_steps == 1 else plural(n_steps, "edit")

    def _learn(self, version: Version, published: FittedLibrary, journal: Journal, progress: Progress) -> FittedLibrary:
        edited = replay(
            published.photos,
            published.space,
            base_of(published),
            published.rules,
            journal,
            n_added=published.n_added,
        )
        snapshot = with_unlearnt_edits(published, edited)
        if _same_training_data(published, snapshot):
            return snapshot
        fitted_on = read_library_features(self._artifacts, version, published)
        grouped = ClusteredPhotos(
            fitted_on.features,
            fitted_on.classifier,
            published.space,
            edited.groups.clusters,
            # Those of a library with added photos know the fitted ones alone: now all are learnt from.
            None if published.n_added else published.neighbours,
            published.name_vectors(),
            fitted_on.encoder,
        )
        settings = published.settings
        learnt = learn_tags(
            grouped,
            edited.tags.seeds,
            published.rules,
            all_known=bool(settings.get("all_known")),  # an early version did not ask
            random_state=int(settings["seed"]),
            progress=progress,
        )
        return with_learnt_tags(published, edited, learnt)

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
    """The library in use with every edit of the journal, learnt or not. Raises `ArtifactsError`.

    Without the catalogue, and so the journal, only learnt edits are applied.
    """
    artifacts = Artifacts(folder)
    return Editor(folder).library if artifacts.catalogue.is_file() else load_library(artifacts.current())


def _same_training_data(before: FittedLibrary, after: FittedLibrary) -> bool:
    """Whether the tag model of `before` is valid for `after`: the same clusters, labels, hidden photos and
    rejections; names of clusters may differ.
    """
    same_seeds = (
        before.seeds.vocabulary == after.seeds.vocabulary
        and np.array_equal(before.seeds.photos, after.seeds.photos)
        and np.array_equal(before.seeds.matrix, after.seeds.matrix)
        and np.array_equal(before.seeds.none, after.seeds.none)
        and _same_flags(before.seeds.stated, after.seeds.stated)
    )
    same_groups = np.array_equal(before.clusters.labels, after.clusters.labels) and np.array_equal(
        before.hidden, after.hidden
    )
    return same_seeds and same_groups and before.rejected == after.rejected


def _same_flags(before: Bool | None, after: Bool | None) -> bool:
    return before is after if before is None or after is None else np.array_equal(before, after)
