"""Tags among the names of ImageNet's classes, by a sentence encoder and by WordNet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustertags.clustering.hierarchy import N_CLASSES
from clustertags.tagging.tag_names import NamedTags
from clustertags.types import Classifier, Progress, no_progress
from clustertags.words.label_text import Encoder, class_vectors, name_vectors
from clustertags.words.synsets import load_synsets

_READ_AT_ONCE = 32


def name_tags(words: Encoder, names: Sequence[str]) -> NamedTags:
    """Raises `WordsError` where the encoder is missing or damaged."""
    vectors, classes = name_vectors(words, names).astype(np.float64), class_vectors(words).astype(np.float64)
    synsets = load_synsets()
    members = np.array([synsets.classes_of(name) for name in names], np.bool_).reshape(len(names), len(classes))
    return NamedTags.among(classes, vectors, members)


def names_to_learn(
    vocabulary: Sequence[str], classifier: Classifier | None, words: Encoder, progress: Progress = no_progress
) -> NamedTags | None:
    """What the tag model is given of its tags' names; None where the backbone sees none of ImageNet's classes."""
    if not vocabulary or classifier is None or len(classifier.bias) != N_CLASSES:
        return None
    for start in range(0, len(vocabulary), _READ_AT_ONCE):  # the encoder keeps what it has read
        progress("Reading tags' names", start, len(vocabulary))
        name_vectors(words, vocabulary[start : start + _READ_AT_ONCE])
    progress("Reading tags' names", len(vocabulary), len(vocabulary))
    return name_tags(words, vocabulary)
