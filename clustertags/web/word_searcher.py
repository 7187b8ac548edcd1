"""Searches by words in the app; what they need of the photos is read once per layout of the library."""

from __future__ import annotations

import threading
from pathlib import Path

from clustertags.browsing.word_search import ByWords, WordIndex, explain, explain_unknown
from clustertags.library.artifacts import Artifacts
from clustertags.library.library_features import read_library_features
from clustertags.library.model import FittedLibrary
from clustertags.web.library_state import LibraryState

QUICK_PHOTOS = 5_000
"""Up to so many photos are read in a second or two."""


class WordSearcher:
    """Searches the current library by words. Safe to use from several threads: one reads, the others wait."""

    def __init__(self, library_state: LibraryState, artifacts: Path) -> None:
        self._library_state = library_state
        self._artifacts = Artifacts(artifacts)
        self._lock = threading.Lock()
        self._layout: tuple[str, int] | None = None
        self._index: WordIndex | None = None

    def is_quick(self, library: FittedLibrary) -> bool:
        """Whether a search takes no more than a second or two: the photos are few, or have been read."""
        return self._index is not None or library.n_photos <= QUICK_PHOTOS

    def search(self, library: FittedLibrary, words: str, *, offset: int, limit: int) -> ByWords:
        """Search a snapshot's `library`. Raises `ArtifactsError`, `WordsError` and `UsageError`."""
        version = self._library_state.editor.version
        layout = (version.manifest["layout"], library.n_photos)
        with self._lock:
            if self._index is None or layout != self._layout:
                self._index = WordIndex(read_library_features(self._artifacts, version, library))
                self._layout = layout
            index = self._index
        return index.search(library, words, offset=offset, limit=limit)

    def explain(self, result: ByWords) -> str:
        """What the ranking rests on, and which words it ignores."""
        backbone = self._library_state.editor.version.manifest["backbone"]["name"]
        return " ".join(filter(None, (explain(result, backbone), explain_unknown(result))))
