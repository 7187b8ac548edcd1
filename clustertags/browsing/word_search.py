"""Search for photos by words: by the network's own reading of them, and by the tags that they name.

An image-text network has words and photos in one space, and photos are ranked by the cosine. Any other knows photos by
ImageNet's 1,000 classes alone: words are compared with these as candidate tags are (`names.name_prior`), and averaged
with the scores of the tags that the words name.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clustertags.browsing.named_tags import NamedTags, find_named_tags
from clustertags.browsing.searching import FoundPhoto, scores_of_tag
from clustertags.browsing.slices import Slice, cut
from clustertags.errors import UsageError
from clustertags.library.library_features import LibraryFeatures
from clustertags.library.model import FittedLibrary
from clustertags.names.candidate_scores import probability_of
from clustertags.names.encoder import sentence_encoder
from clustertags.names.hierarchy import N_CLASSES
from clustertags.names.image_text_encoder import ImageTextEncoder
from clustertags.names.known_words import words_of
from clustertags.names.name_prior import N_LIKELIEST, TagNames, conse_vectors
from clustertags.names.name_vectors import class_vectors, name_vectors
from clustertags.names.tag_names import encode_tag_names
from clustertags.types import Classifier, Features, Float32, Float64

MAX_CHARACTERS = 200
_CHUNK_PHOTOS = 4096

Basis = Literal["image-text", "classes", "tags", "nothing"]
"""What a ranking rests on: see `ByWords`."""


@dataclass(frozen=True, slots=True)
class ByWords:
    """Photos by falling `score` in 0..1, labelled ones first where the words are tags and nothing else.

    `basis`: "image-text", the cosine in the network's space; "classes", ImageNet's classes and the named tags; "tags",
    the named tags alone; "nothing", with no photo, where the words mean nothing. `tags`: the tags that the words name;
    `unknown`: words that mean nothing to the network.
    """

    words: str
    found: Slice[FoundPhoto]
    basis: Basis
    tags: tuple[str, ...]
    unknown: tuple[str, ...]


def clean_words(text: str) -> str:
    """The text without control characters, in single spaces. Raises `UsageError` where it is empty or too long."""
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"the words have {len(text):,} characters: search for at most {MAX_CHARACTERS}")
    kept = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)
    words = " ".join(kept.split())
    if not words:
        raise UsageError('there are no words to search for: write some, as in `clustertags search "a dog on a beach"`')
    return words


class WordIndex:
    """A library's photos, ready to be compared with words; edits do not change what it holds.

    Safe to use from several threads. Raises `WordsError` on a search where the encoder of names is missing.
    """

    def __init__(self, fitted: LibraryFeatures) -> None:
        self._encoder = fitted.encoder
        self._images = fitted.features.values if isinstance(fitted.encoder, ImageTextEncoder) else None
        self._classes = _ByClasses.of(fitted.features, fitted.classifier) if self._images is None else None

    def search(self, library: FittedLibrary, text: str, *, offset: int = 0, limit: int = 100) -> ByWords:
        """All photos of the library, in any state of its edits, that are not hidden and show something.

        Raises `UsageError` for no words and for too many.
        """
        words = clean_words(text)
        named = find_named_tags(library, words)
        unknown = self._encoder.unknown_words(words) if self._reads else tuple(words_of(words))
        ranking = self._rank(library, named, words, is_read=len(unknown) < len(words_of(words)))
        own = _labelled(library, named) if named.are_all else np.zeros(library.n_photos, np.bool_)
        shown = library.visible() & ~library.without_content() & (ranking.basis != "nothing")
        order = np.lexsort((-ranking.ties, -ranking.scores, ~own))
        scores = np.round(np.clip(ranking.scores, 0.0, 1.0), 6)
        found = cut(
            order[shown[order]].tolist(), offset, limit, lambda at: FoundPhoto(at, float(scores[at]), bool(own[at]))
        )
        tags = tuple(library.seeds.vocabulary[at] for at in named.columns)
        return ByWords(words, found, ranking.basis, tags, unknown)

    @property
    def _reads(self) -> bool:
        """Whether the network knows anything that words can be compared with."""
        return self._images is not None or self._classes is not None

    def _rank(self, library: FittedLibrary, named: NamedTags, words: str, *, is_read: bool) -> _Ranking:
        nothing = np.zeros(library.n_photos)
        if is_read and self._images is not None:
            return _Ranking("image-text", _cosines(self._images, name_vectors(self._encoder, [words])[0]), nothing)
        by_name = nothing
        if is_read and self._classes is not None:
            by_name = self._classes.probabilities_of(encode_tag_names(self._encoder, [words]))
        by_tags = _tag_scores(library, named)
        if named.columns and (named.are_all or not is_read):
            return _Ranking("tags", by_tags.mean(axis=0), by_name)
        if not is_read:
            return _Ranking("nothing", nothing, nothing)
        return _Ranking("classes", np.vstack([by_tags, by_name[None]]).mean(axis=0), by_name)


@dataclass(frozen=True, slots=True)
class _Ranking:
    """`scores` (n_photos,), equal ones ordered by `ties` (n_photos,)."""

    basis: Basis
    scores: Float64
    ties: Float64


def _cosines(images: Float32, vector: Float32) -> Float64:
    # In chunks, as float64 of all photos would take twice the memory of their features.
    cosines = np.zeros(len(images))
    for start in range(0, len(images), _CHUNK_PHOTOS):
        part = slice(start, start + _CHUNK_PHOTOS)
        cosines[part] = images[part].astype(np.float64) @ vector
    return cosines


@dataclass(frozen=True, slots=True)
class _ByClasses:
    """`vectors`: (n_photos, n_dimensions) float32 of ConSE; `probabilities`: (n_photos, 1000) float16."""

    vectors: Float32
    probabilities: NDArray[np.float16]

    @classmethod
    def of(cls, features: Features, classifier: Classifier | None) -> _ByClasses | None:
        """None where the network does not know ImageNet's classes."""
        if classifier is None or len(classifier.bias) != N_CLASSES:
            return None
        classes = class_vectors(sentence_encoder()).astype(np.float64)
        n = len(features)
        vectors = np.zeros((n, classes.shape[1]), np.float32)
        kept = np.zeros((n, N_CLASSES), np.float16)
        for start in range(0, n, _CHUNK_PHOTOS):
            rows = np.arange(start, min(start + _CHUNK_PHOTOS, n))
            probabilities = classifier.probabilities(features.take(rows))
            vectors[rows] = conse_vectors(probabilities, classes, N_LIKELIEST)
            kept[rows] = probabilities
        return cls(vectors, kept)

    def probabilities_of(self, names: TagNames) -> Float64:
        """(n_photos,): that a photo shows what the one name says."""
        scores = np.zeros(len(self.vectors))
        for start in range(0, len(scores), _CHUNK_PHOTOS):
            part = slice(start, start + _CHUNK_PHOTOS)
            scores[part] = names.conse_scores(self.vectors[part], self.probabilities[part])[:, 0]
        return probability_of(scores)


def _tag_scores(library: FittedLibrary, named: NamedTags) -> Float64:
    """(n_named, n_photos): the scores of the named tags, 1 for a label."""
    scores = np.zeros((len(named.columns), library.n_photos))
    for row, column in enumerate(named.columns):
        scores[row], own = scores_of_tag(library, column)
        scores[row, own] = 1.0
    return scores


def _labelled(library: FittedLibrary, named: NamedTags) -> NDArray[np.bool_]:
    """The photos that carry all of the named tags as labels."""
    own = np.zeros(library.n_photos, np.bool_)
    own[library.seeds.photos[library.seeds.matrix[:, list(named.columns)].all(axis=1)]] = True
    return own


def explain(result: ByWords, backbone: str) -> str:
    """What the ranking rests on, one sentence for a person; it contains words and tags as they were given."""
    tags = ", ".join(result.tags)
    if result.basis == "image-text":
        return f"Ranked by how well {backbone} matches the words with each photo (cosine)."
    if result.basis == "tags":
        return f"Ranked by the scores of your tags alone: {tags}."
    if result.basis == "nothing":
        return "None of the words is known to the encoder of names, and none is a tag of yours."
    by_classes = "how near the words are to the 1,000 classes that the network knows"
    if tags:
        return f"Ranked by the scores of your tags ({tags}) and by {by_classes}."
    return f"Ranked by {by_classes}, as none of your tags is among them. What no class covers is found by chance."


def explain_unknown(result: ByWords) -> str:
    """The words that the ranking ignores in effect, as one sentence; "" where all are known or none is."""
    if not result.unknown or result.basis in {"tags", "nothing"}:
        return ""
    return f"Not known to the encoder: {', '.join(result.unknown)}."
