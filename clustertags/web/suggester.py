"""Suggestions which photos to label next; the similarities that they need are computed once per version."""

from __future__ import annotations

import threading
from pathlib import Path

from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.tagging.suggestion import PhotoSimilarities
from clustertags.web.library_state import LibraryState
from clustertags.workflows.suggest import Suggestions, photo_similarities_of, suggest_among


class Suggester:
    """Suggests photos of the current library. Safe to use from several threads: one computes, the others wait."""

    def __init__(self, library_state: LibraryState, artifacts: Path) -> None:
        self._library_state = library_state
        self._artifacts = Artifacts(artifacts)
        self._lock = threading.Lock()
        self._measured: tuple[str, int] | None = None
        self._likeness: PhotoSimilarities | None = None

    def suggest(self, library: FittedLibrary, n_wanted: int) -> Suggestions:
        """The photos of a snapshot's `library` to label next, most informative first. Raises `ArtifactsError`."""
        version = self._library_state.editor.version
        if not library.n_photos:
            return Suggestions(library, (), 0)
        with self._lock:
            state = (version.name, library.n_photos)
            if self._likeness is None or state != self._measured:
                self._likeness = photo_similarities_of(self._artifacts, version, library)
                self._measured = state
            likeness = self._likeness
        return suggest_among(library, likeness, n_wanted)
