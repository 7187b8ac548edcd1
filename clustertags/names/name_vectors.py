"""Vectors of tags and classes: the texts that represent them, and their encoding.

A class is "its names, its parent, its grandparent", which tells the crane that is a bird from the machine. Every text
is encoded as it is and as "a photo of a ...", and the two vectors are averaged (Radford et al. 2021, "Learning
transferable visual models from natural language supervision", section 3.1.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Protocol, runtime_checkable

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


@runtime_checkable
class HasClassVectors(Protocol):
    """An encoder that stores the vectors of ImageNet's classes, in the space of photos: see `TagNames.logit_scale`."""

    logit_scale: float

    def class_vectors(self) -> Float32: ...


def unit(vectors: Float32) -> Float32:
    """Rows of unit length; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def name_vectors(encoder: Encoder, names: Sequence[str]) -> Float32:
    """(n, n_dimensions) float32, unit rows: each name under every template, averaged."""
    plain = [" ".join(name.replace("_", " ").split()) for name in names]
    if not plain:
        return np.zeros((0, N_DIMENSIONS), np.float32)
    by_template = [encoder.encode([template.replace("{}", name) for name in plain]) for template in TEMPLATES]
    return unit(np.asarray(np.mean(by_template, axis=0), np.float32))


def class_text(synset: int) -> str:
    """The names of a synset, then the first name of its parent and of its grandparent."""
    synsets = load_synsets()
    _, *higher = synsets.chain(synset, N_LEVELS)
    return ", ".join([*synsets.names[synset], *(synsets.names[at][0] for at in higher)])


def class_vectors(encoder: Encoder) -> Float32:
    """(1000, n_dimensions) float32, unit rows: ImageNet's classes, from the packaged table for the packaged encoder,
    and from the encoder itself where it has them.
    """
    if isinstance(encoder, HasClassVectors):
        return encoder.class_vectors()
    if not isinstance(encoder, SentenceEncoder):
        return compute_class_vectors(encoder)
    data = resources.files("clustertags.names").joinpath(VECTORS).read_bytes()
    table = np.frombuffer(data, "<f2").reshape(N_CLASSES, N_DIMENSIONS)
    return unit(table.astype(np.float32))


def compute_class_vectors(encoder: Encoder) -> Float32:
    """The contents of the packaged table, computed."""
    return name_vectors(encoder, [class_text(synset) for synset in range(N_CLASSES)])
