"""Tags among the names of ImageNet's classes, by a sentence encoder and by WordNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clustertags.names.hierarchy import N_CLASSES
from clustertags.names.name_prior import NamedTags
from clustertags.names.name_vectors import Encoder, class_vectors, name_vectors
from clustertags.names.synsets import load_synsets
from clustertags.types import Classifier, Float64, Progress, no_progress

_READ_AT_ONCE = 32
_STAGE = "Reading names of tags"


def name_tags(words: Encoder, names: Sequence[str]) -> NamedTags:
    """Raises `WordsError` where the encoder is missing or damaged."""
    return _among_classes(words, names, name_vectors(words, names).astype(np.float64))


def names_to_learn(
    vocabulary: Sequence[str],
    classifier: Classifier | None,
    words: Encoder,
    *,
    known: Mapping[str, Float64] | None = None,
    progress: Progress = no_progress,
) -> NamedTags | None:
    """What the tag model is given of its tags' names; None where the backbone sees none of ImageNet's classes.

    `known`: vectors of names that were read before, (n_dimensions,) each; the others are read now.
    """
    if not vocabulary or classifier is None or len(classifier.bias) != N_CLASSES:
        return None
    found = dict(known or {})
    fresh = [name for name in vocabulary if name not in found]
    for start in range(0, len(fresh), _READ_AT_ONCE):
        progress(_STAGE, start, len(fresh))
        chunk = fresh[start : start + _READ_AT_ONCE]
        found.update(zip(chunk, name_vectors(words, chunk).astype(np.float64), strict=True))
    if fresh:
        progress(_STAGE, len(fresh), len(fresh))
    return _among_classes(words, vocabulary, np.stack([found[name] for name in vocabulary]))


def _among_classes(words: Encoder, names: Sequence[str], vectors: Float64) -> NamedTags:
    classes, synsets = class_vectors(words).astype(np.float64), load_synsets()
    members = np.array([synsets.classes_of(name) for name in names], np.bool_).reshape(len(names), len(classes))
    return NamedTags.among(classes, vectors, members)
