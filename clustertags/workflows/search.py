"""Search a fitted library by words: fitted photos -> features -> scores of the words -> ranked photos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clustertags.browsing.word_search import ByWords, WordIndex, clean_words
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts
from clustertags.library.library_features import read_library_features
from clustertags.library.model import FittedLibrary
from clustertags.workflows.edit import load_edited


@dataclass(frozen=True, slots=True)
class FoundByWords:
    """The result of a search in `library`, which was fitted with the network called `backbone`."""

    library: FittedLibrary
    backbone: str
    result: ByWords


def search_by_words(words: str, folder: Path = DEFAULT_FOLDER, limit: int = 20) -> FoundByWords:
    """The photos of the library in use that match the words best, hidden and empty ones excluded.

    Raises `ArtifactsError`, `UsageError` for no words and for too many, `WordsError` where the encoder is missing.
    """
    words = clean_words(words)
    artifacts = Artifacts(folder)
    version = artifacts.current()
    library = load_edited(folder)
    index = WordIndex(read_library_features(artifacts, version, library))
    return FoundByWords(library, version.manifest["backbone"]["name"], index.search(library, words, limit=limit))
