"""Tags compared with ImageNet's classes: by an encoder's vectors of their names, and by WordNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clustertags.names.hierarchy import N_CLASSES
from clustertags.names.name_prior import TagNames
from clustertags.names.name_vectors import Encoder, HasClassVectors, class_vectors, name_vectors
from clustertags.names.synsets import load_synsets
from clustertags.types import Classifier, Float64, Progress, no_progress

_CHUNK_NAMES = 32
_STAGE = "Reading names of tags"


def encode_tag_names(encoder: Encoder, names: Sequence[str]) -> TagNames:
    """Encode the names. Raises `WordsError` where the encoder is missing or damaged."""
    return _with_classes(encoder, names, name_vectors(encoder, names).astype(np.float64))


def encode_vocabulary(
    vocabulary: Sequence[str],
    classifier: Classifier | None,
    encoder: Encoder,
    *,
    known: Mapping[str, Float64] | None = None,
    progress: Progress = no_progress,
) -> TagNames | None:
    """The names of the vocabulary for the tag model; None where the backbone has no classifier of ImageNet's classes.

    `known`: vectors of names that were encoded before, (n_dimensions,) each; the others are encoded now.
    """
    if not vocabulary or classifier is None or len(classifier.bias) != N_CLASSES:
        return None
    vectors = dict(known or {})
    missing = [name for name in vocabulary if name not in vectors]
    for start in range(0, len(missing), _CHUNK_NAMES):
        progress(_STAGE, start, len(missing))
        chunk = missing[start : start + _CHUNK_NAMES]
        vectors.update(zip(chunk, name_vectors(encoder, chunk).astype(np.float64), strict=True))
    if missing:
        progress(_STAGE, len(missing), len(missing))
    return _with_classes(encoder, vocabulary, np.stack([vectors[name] for name in vocabulary]))


def _with_classes(encoder: Encoder, names: Sequence[str], vectors: Float64) -> TagNames:
    classes, synsets = class_vectors(encoder).astype(np.float64), load_synsets()
    members = np.array([synsets.classes_of(name) for name in names], np.bool_).reshape(len(names), len(classes))
    shared = encoder.logit_scale if isinstance(encoder, HasClassVectors) else 0.0
    return TagNames.from_vectors(classes, vectors, members, shared)
