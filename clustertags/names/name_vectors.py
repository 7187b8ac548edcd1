"""What is said of a tag or a class for the encoder to read, and the vectors that come of it.

A class is "its names, its parent, its grandparent", so that a crane among birds is no crane among machines; every text
is read as it stands and as "a photo of a ...", and the two vectors are averaged (Radford et al. 2021, "Learning
transferable visual models from natural language supervision", section 3.1.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Protocol

import numpy as np

from clustertags.names.encoder import N_DIMENSIONS, SentenceEncoder
from clustertags.names.hierarchy import N_CLASSES
from clustertags.names.synsets import load_synsets
from clustertags.types import Float32

TEMPLATES = ("{}", "a photo of a {}")
VECTORS = "imagenet_class_vectors.f16"
N_LEVELS = 3


class Encoder(Protocol):
    """`encode` gives (n, n_dimensions) float32, rows of unit length."""

    def encode(self, texts: Sequence[str]) -> Float32: ...


def unit(vectors: Float32) -> Float32:
    """Rows of unit length; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def name_vectors(words: Encoder, names: Sequence[str]) -> Float32:
    """(n, n_dimensions) float32, unit rows: each name under every template, averaged."""
    plain = [" ".join(name.replace("_", " ").split()) for name in names]
    if not plain:
        return np.zeros((0, N_DIMENSIONS), np.float32)
    said = [words.encode([template.replace("{}", name) for name in plain]) for template in TEMPLATES]
    return unit(np.asarray(np.mean(said, axis=0), np.float32))


def class_text(synset: int) -> str:
    """The names of a synset, then the first name of each of the two above it."""
    synsets = load_synsets()
    _, *higher = synsets.chain(synset, N_LEVELS)
    return ", ".join([*synsets.names[synset], *(synsets.names[at][0] for at in higher)])


def class_vectors(words: Encoder) -> Float32:
    """(1000, n_dimensions) float32, unit rows: ImageNet's classes, from the packaged table for the packaged encoder."""
    if not isinstance(words, SentenceEncoder):
        return compute_class_vectors(words)
    data = resources.files("clustertags.names").joinpath(VECTORS).read_bytes()
    table = np.frombuffer(data, "<f2").reshape(N_CLASSES, N_DIMENSIONS)
    return unit(table.astype(np.float32))


def compute_class_vectors(words: Encoder) -> Float32:
    """What the packaged table holds."""
    return name_vectors(words, [class_text(synset) for synset in range(N_CLASSES)])
