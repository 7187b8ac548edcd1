"""The library that pages show and the tagger that uploads meet, each swapped whole when another version is in use."""

from __future__ import annotations

import threading

from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.photos.files import DecodeLimits
from clustertags.tagger import Tagger


class View:
    """A library with what is looked up in it; made once for each state and never changed."""

    def __init__(self, library: FittedLibrary) -> None:
        self.library = library
        self.photo_of = {photo.content_hash: index for index, photo in enumerate(library.photos)}


class Shelf:
    """Raises `ArtifactsError` where nothing usable is fitted."""

    def __init__(self, artifacts: Artifacts, limits: DecodeLimits) -> None:
        self._artifacts = artifacts
        self._limits = limits
        self._lock = threading.Lock()
        self._load()

    def view(self) -> View:
        """What is to be shown now; takes in what another process fitted."""
        with self._lock:
            if self._artifacts.current().name != self._tagger.version.name:
                self._load()
            return self._view

    @property
    def tagger(self) -> Tagger:
        return self._tagger

    def _load(self) -> None:
        tagger = Tagger(self._artifacts.folder, self._limits)
        tagger.prepare()
        self._view = View(load_library(tagger.version))
        self._tagger = tagger
