"""Semantics of names for zero-shot methods: vectors, attributes, and the ImageNet classes that are tags themselves.

The overlap rule: softmax outputs of classes that name an unseen tag are removed and the rest is renormalised, or the
score would not be zero-shot. The parameter `overlap` is "remove" in the table; "keep" suits users of the program, who
want the correct tag however it was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.method_interface import PhotoSample, Task
from clustertags.errors import UsageError, WordsError
from clustertags.names.encoder import INSTALL
from clustertags.names.name_vectors import Encoder, class_vectors, name_vectors
from clustertags.names.synsets import load_synsets
from clustertags.types import Bool, Float32, Float64

Overlap = Literal["remove", "keep"]

N_NEAREST = 5
MAX_CLASSES = 500
"""Tags that name more classes than this ("artifact") are too broad for the overlap rule."""


def require_encoder(task: Task) -> Encoder:
    """The task's encoder. Raises `WordsError` where there is none."""
    if task.encoder is None:
        raise WordsError(f"this method needs vectors of names: {INSTALL}")
    return task.encoder


def class_outputs(photos: PhotoSample) -> Float64:
    """(n, 1000) float64 of the backbone's softmax. Raises `UsageError` where it has none."""
    if photos.outputs is None:
        raise UsageError("this method needs a backbone with a classifier of ImageNet's classes: name another one")
    return photos.outputs.astype(np.float64)


def target_classes(candidates: Sequence[str], seen: Sequence[str]) -> Bool:
    """(1000,) bool: classes that name a candidate other than the `seen` tags."""
    synsets = load_synsets()
    named = [synsets.classes_of(name) for name in candidates if name not in set(seen)]
    targets = np.zeros(len(synsets.members[0]), np.bool_)
    for row in named:
        targets |= row & (row.sum() <= MAX_CLASSES)
    return targets


def without_targets(outputs: Float64, targets: Bool) -> Float64:
    """The softmax over the other classes alone, rows summing to 1."""
    kept: Float64 = np.where(targets, 0.0, outputs)
    result: Float64 = kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12)
    return result


def allowed_outputs(photos: PhotoSample, candidates: Sequence[str], seen: Sequence[str], overlap: Overlap) -> Float64:
    """(n, 1000) float64: the softmax under the overlap rule, or as it is."""
    outputs = class_outputs(photos)
    return without_targets(outputs, target_classes(candidates, seen)) if overlap == "remove" else outputs


def vectors_of(encoder: Encoder, names: Sequence[str]) -> Float64:
    """(n, n_dimensions) float64, unit rows."""
    return name_vectors(encoder, names).astype(np.float64)


def class_attributes() -> Float64:
    """(1000, n_attributes) float64 of 0 and 1: WordNet's hypernyms of each class, itself among them."""
    return load_synsets().above[:1000].astype(np.float64)


def attributes_of(names: Sequence[str], encoder: Encoder | None) -> Float64:
    """(n, n_attributes) float64 of 0 and 1: the hypernyms of each name.

    A name with several senses has the attributes of at least half of them. A name outside of the hierarchy has those
    of most of the five classes with the nearest vectors, or without vectors those of most classes.
    """
    synsets = load_synsets()
    found = np.empty((len(names), len(synsets.names)))
    above = class_attributes()
    classes = class_vectors(encoder).astype(np.float64) if encoder else None
    for row, name in enumerate(names):
        linked = synsets.link(name)
        if linked:
            found[row] = synsets.above[list(linked)].mean(axis=0)
        elif encoder is not None and classes is not None:
            cosines = classes @ vectors_of(encoder, [name])[0]
            found[row] = above[np.argsort(-cosines, kind="stable")[:N_NEAREST]].mean(axis=0)
        else:
            found[row] = above.mean(axis=0)
    return (found >= 0.5).astype(np.float64)


def pairs(tags: Bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of every tag of every photo, for methods that take one class for each example."""
    rows, columns = np.nonzero(tags)
    return rows, columns


def held_out_classes(tags: Bool, share: float, random_state: int) -> Bool:
    """(n_tags,) bool: seen tags held out to choose parameters on, at least 2; none where fewer than 6 have photos."""
    present = np.flatnonzero(tags.any(axis=0))
    chosen = np.zeros(tags.shape[1], bool)
    if len(present) >= 6:
        drawn = np.random.default_rng(random_state).permutation(present)
        chosen[drawn[: max(2, round(share * len(present)))]] = True
    return chosen


def class_mean_accuracy(scores: NDArray[np.floating], tags: Bool) -> float:
    """Mean over tags of the share of their photos whose top tag is correct."""
    hits = tags[np.arange(len(tags)), scores.argmax(axis=1)]
    return float(np.mean([hits[column].mean() for column in tags.T if column.any()]))


def scaled_rows(values: Float32) -> Float64:
    """Unit rows scaled by the root of n_features, so that step sizes and penalties do not depend on n_features."""
    scaled: Float64 = values.astype(np.float64) * np.sqrt(values.shape[1])
    return scaled
