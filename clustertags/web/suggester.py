"""What to tag next, from the library as it is shown; how alike the photos are is measured once a version."""

from __future__ import annotations

import threading
from pathlib import Path

from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.tagging.suggestion import PhotoSimilarities
from clustertags.web.shelf import Shelf
from clustertags.workflows.suggest import Suggestions, likeness_of, suggest_among


class Suggester:
    """Safe to use from several threads; one measures, the others wait for it."""

    def __init__(self, shelf: Shelf, artifacts: Path) -> None:
        self._shelf = shelf
        self._artifacts = Artifacts(artifacts)
        self._lock = threading.Lock()
        self._measured: tuple[str, int] | None = None
        self._likeness: PhotoSimilarities | None = None

    def suggest(self, library: FittedLibrary, n_wanted: int) -> Suggestions:
        """The photos of `library`, which is shown, to tag next, the most worthwhile first. Raises `ArtifactsError`."""
        version = self._shelf.editor.version
        if not library.n_photos:
            return Suggestions(library, (), 0)
        with self._lock:
            state = (version.name, library.n_photos)
            if self._likeness is None or state != self._measured:
                self._likeness = likeness_of(self._artifacts, version, library)
                self._measured = state
            likeness = self._likeness
        return suggest_among(library, likeness, n_wanted)
