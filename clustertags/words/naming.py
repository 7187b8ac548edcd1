"""Tags among the names of ImageNet's classes, by a sentence encoder and by WordNet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustertags.tagging.tag_names import NamedTags
from clustertags.types import Classifier
from clustertags.words.encoder import sentence_encoder
from clustertags.words.label_text import Encoder, class_vectors, name_vectors
from clustertags.words.synsets import load_synsets


def name_tags(words: Encoder, names: Sequence[str]) -> NamedTags:
    """Raises `WordsError` where the encoder is missing or damaged."""
    vectors, classes = name_vectors(words, names).astype(np.float64), class_vectors(words).astype(np.float64)
    synsets = load_synsets()
    members = np.array([synsets.classes_of(name) for name in names], np.bool_).reshape(len(names), len(classes))
    return NamedTags.among(classes, vectors, members)


def names_to_learn(vocabulary: Sequence[str], classifier: Classifier | None) -> NamedTags | None:
    """What the tag model is given of its tags' names; None where the backbone sees none of ImageNet's classes."""
    return name_tags(sentence_encoder(), vocabulary) if vocabulary and classifier is not None else None
