"""The library that pages show and the tagger for uploads; each is replaced as a whole when it changes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from clustertags.library.artifacts import Artifacts
from clustertags.library.library_features import open_catalogue
from clustertags.photos.files import DecodeLimits
from clustertags.web.error_texts import without_folders
from clustertags.web.snapshot import Snapshot
from clustertags.workflows.edit import Editor
from clustertags.workflows.tag import Tagger

_CHECK_SECONDS = 1.0


class LibraryState:
    """The current library of one app: its editor, its snapshot and its tagger. Safe to use from several threads.

    It holds the catalogue open, so that edits go into SQLite's log alone and the folder can be copied meanwhile. Raises
    `ArtifactsError` where no usable model is fitted.
    """

    def __init__(self, artifacts: Path, limits: DecodeLimits) -> None:
        self._artifacts = artifacts
        self._limits = limits
        self.editor = Editor(artifacts)
        self._held = open_catalogue(Artifacts(artifacts))
        self._lock = threading.Lock()
        self._checked_at = time.monotonic()
        self._snapshot = Snapshot(self.editor.library)
        self._tagger = self._load_tagger()

    def close(self) -> None:
        """Let go of the catalogue."""
        self._held.close()

    def snapshot(self) -> Snapshot:
        """The library as it is now. About once a second this checks whether another process fitted or edited it."""
        if time.monotonic() - self._checked_at > _CHECK_SECONDS:
            self._checked_at = time.monotonic()
            self.editor.reload()
            if self.editor.version.name != self._tagger.version.name:
                self.renew_tagger()
        library = self.editor.library
        with self._lock:
            if self._snapshot.library is not library:
                self._snapshot = Snapshot(library)
            return self._snapshot

    def describe(self, error: Exception) -> str:
        """What clients are told of an error: its sentence without the server's folders."""
        return without_folders(str(error), self._artifacts, self.editor.library.root)

    @property
    def tagger(self) -> Tagger:
        """The tagger of the version in use."""
        return self._tagger

    def renew_tagger(self) -> None:
        """Load the tagger of a version that was just published."""
        self._tagger = self._load_tagger()

    def _load_tagger(self) -> Tagger:
        tagger = Tagger(self._artifacts, self._limits)
        tagger.warm_up()
        return tagger
