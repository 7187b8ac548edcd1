"""Photos join a library as they arrive.

changes below a folder -> whole files -> `add`, in batches
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from clustertags.errors import LockedError, PhotosError
from clustertags.library.artifacts import DEFAULT_FOLDER
from clustertags.photos.arrivals import Arrivals
from clustertags.photos.folder_changes import folder_changes
from clustertags.support.printable import printable
from clustertags.workflows.add import AddSummary, add
from clustertags.workflows.joining import place_of
from clustertags.workflows.relocate import library_root

SETTLE_SECONDS = 3.0
_GONE_SECONDS = 1.0

Changes: TypeAlias = Callable[[Path], Iterator[set[Path]]]
"""Yields what changed below a folder, empty sets too, and ends where the folder is gone."""


class Watcher:
    """Watches a folder, the library's or one below it.

    `report` is called with the summary of each batch, `notify` with a sentence where something is amiss. `changes`
    replaces the system's own.
    """

    def __init__(
        self,
        folder: Path,
        artifacts: Path = DEFAULT_FOLDER,
        *,
        report: Callable[[AddSummary], None],
        notify: Callable[[str], None],
        settle_seconds: float = SETTLE_SECONDS,
        polling: bool = False,
        jobs: int | None = None,
        changes: Changes | None = None,
    ) -> None:
        self._folder, self._artifacts, self._jobs = folder.absolute(), artifacts, jobs
        self._report, self._notify = report, notify
        self._changes = changes or (lambda place: folder_changes(place, notify, polling=polling))
        self._arrivals = Arrivals(settle_seconds)
        self._is_locked = False

    def check(self) -> None:
        """Raise `PhotosError` for a folder outside the library's, and `ArtifactsError` where there is no library."""
        place_of(self._folder, library_root(self._artifacts))

    def run(self) -> None:
        """Add what is there already, then what arrives, until an interrupt, which is raised. Raises what `check` and
        `add` raise; another writer is waited for, and a folder that is gone.
        """
        self.check()
        while True:
            is_new = True
            for changed in self._changes(self._folder):
                # Once changes are told, so that nothing comes in between.
                for path in {self._folder} if is_new else changed:
                    self._arrivals.note(path)
                is_new = False
                self._add_whole()
            if not self._folder.is_dir():
                self._wait_for_folder()

    def _add_whole(self) -> None:
        paths = self._arrivals.whole()
        if not paths:
            return
        try:
            summary = add(paths, self._artifacts, jobs=self._jobs)
        except LockedError as error:
            if not self._is_locked:
                self._notify(f"{error}; {len(paths):,} new files wait")
            self._is_locked = True
            return
        except PhotosError:  # one of them is gone again, or all are with their folder
            return
        self._is_locked = False
        self._arrivals.take(paths)
        if summary.n_joined or summary.unreadable or summary.n_copies or summary.n_moved or summary.n_changed:
            self._report(summary)

    def _wait_for_folder(self) -> None:
        self._notify(f"{printable(self._folder)} is gone: waiting for it")
        while not self._folder.is_dir():
            time.sleep(_GONE_SECONDS)
        self._notify(f"{printable(self._folder)} is back")
