"""What zero-shot methods know of names: vectors, attributes, and ImageNet's classes that are the very tags asked for.

The overlap rule: classes of the softmax that name a tag without examples are taken out and the rest is brought to sum
to 1, or the score is not zero-shot. It is a parameter, `overlap`: "remove" for the table; "keep" is what a user of the
program wants, who asks for the right tag and not for a proof that it was found without knowing it.
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
BROADEST = 500
"""A tag that names more classes than this ("artifact") says so little that its classes are no target."""


def needed_words(task: Task) -> Encoder:
    """Raises `WordsError` where the task has no vectors of names."""
    if task.words is None:
        raise WordsError(f"this method needs vectors of names: {INSTALL}")
    return task.words


def class_outputs(photos: PhotoSample) -> Float64:
    """(n, 1000) float64 of the backbone's softmax. Raises `UsageError` where it has none."""
    if photos.outputs is None:
        raise UsageError("this method needs a backbone with a classifier of ImageNet's classes: name another one")
    return photos.outputs.astype(np.float64)


def target_classes(candidates: Sequence[str], seen: Sequence[str]) -> Bool:
    """(1000,) bool: classes that name a candidate which is none of the `seen` tags."""
    synsets = load_synsets()
    named = [synsets.classes_of(name) for name in candidates if name not in set(seen)]
    targets = np.zeros(len(synsets.members[0]), np.bool_)
    for row in named:
        targets |= row & (row.sum() <= BROADEST)
    return targets


def without_targets(outputs: Float64, targets: Bool) -> Float64:
    """The softmax over the other classes alone, rows summing to 1."""
    kept: Float64 = np.where(targets, 0.0, outputs)
    result: Float64 = kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12)
    return result


def lawful_outputs(photos: PhotoSample, candidates: Sequence[str], seen: Sequence[str], overlap: Overlap) -> Float64:
    """(n, 1000) float64: the softmax under the overlap rule, or as it is."""
    outputs = class_outputs(photos)
    return without_targets(outputs, target_classes(candidates, seen)) if overlap == "remove" else outputs


def vectors_of(words: Encoder, names: Sequence[str]) -> Float64:
    """(n, n_dimensions) float64, unit rows."""
    return name_vectors(words, names).astype(np.float64)


def class_attributes() -> Float64:
    """(1000, n_attributes) float64 of 0 and 1: WordNet's hypernyms of each class, itself among them."""
    return load_synsets().above[:1000].astype(np.float64)


def attributes_of(names: Sequence[str], words: Encoder | None) -> Float64:
    """(n, n_attributes) float64 of 0 and 1: what each name is a kind of.

    A name with several senses has what half of them have. One that is not in the hierarchy has what most of the five
    classes with the nearest vectors have; without vectors, what most classes have.
    """
    synsets = load_synsets()
    found = np.empty((len(names), len(synsets.names)))
    above = class_attributes()
    classes = class_vectors(words).astype(np.float64) if words else None
    for row, name in enumerate(names):
        linked = synsets.link(name)
        if linked:
            found[row] = synsets.above[list(linked)].mean(axis=0)
        elif words is not None and classes is not None:
            cosines = classes @ vectors_of(words, [name])[0]
            found[row] = above[np.argsort(-cosines, kind="stable")[:N_NEAREST]].mean(axis=0)
        else:
            found[row] = above.mean(axis=0)
    return (found >= 0.5).astype(np.float64)


def pairs(tags: Bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of every tag of every photo: for methods that take one class an example."""
    rows, columns = np.nonzero(tags)
    return rows, columns


def held_out_classes(tags: Bool, share: float, seed: int) -> Bool:
    """(n_tags,) bool: seen tags set aside to choose settings on, at least 2; none where fewer than 6 have photos."""
    present = np.flatnonzero(tags.any(axis=0))
    chosen = np.zeros(tags.shape[1], bool)
    if len(present) >= 6:
        drawn = np.random.default_rng(seed).permutation(present)
        chosen[drawn[: max(2, round(share * len(present)))]] = True
    return chosen


def class_mean_right(scores: NDArray[np.floating], tags: Bool) -> float:
    """Mean over tags with photos of the share of their photos whose best tag is one of their own."""
    hits = tags[np.arange(len(tags)), scores.argmax(axis=1)]
    return float(np.mean([hits[column].mean() for column in tags.T if column.any()]))


def scaled_rows(values: Float32) -> Float64:
    """Features with a mean square of 1 a column over all of them, so that steps and penalties mean the same for all."""
    scaled: Float64 = values.astype(np.float64) * np.sqrt(values.shape[1])
    return scaled
