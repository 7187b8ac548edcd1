"""The library that pages show and the tagger that uploads meet, each swapped whole when it changes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from clustertags.photos.files import DecodeLimits
from clustertags.web.views import View
from clustertags.workflows.edit import Editor
from clustertags.workflows.tag import Tagger

_LOOK_SECONDS = 1.0


class Shelf:
    """Raises `ArtifactsError` where nothing usable is fitted."""

    def __init__(self, artifacts: Path, limits: DecodeLimits) -> None:
        self._artifacts = artifacts
        self._limits = limits
        self.editor = Editor(artifacts)
        self._lock = threading.Lock()
        self._looked_at = time.monotonic()
        self._view = View(self.editor.library)
        self._tagger = self._load_tagger()

    def view(self) -> View:
        """What is to be shown now; about once a second it is looked whether another process fitted or edited."""
        if time.monotonic() - self._looked_at > _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self.editor.reload()
            if self.editor.version.name != self._tagger.version.name:
                self.renew_tagger()
        library = self.editor.library
        with self._lock:
            if self._view.library is not library:
                self._view = View(library)
            return self._view

    @property
    def tagger(self) -> Tagger:
        return self._tagger

    def renew_tagger(self) -> None:
        """Load the version in use, after it was published."""
        self._tagger = self._load_tagger()

    def _load_tagger(self) -> Tagger:
        tagger = Tagger(self._artifacts, self._limits)
        tagger.warm_up()
        return tagger
