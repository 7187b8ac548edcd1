"""Tags of which no photo was labelled, from what ImageNet's classifier says and the vectors of names.

ConSE (Norouzi et al. 2014) places a photo among the vectors of names: f = sum of p(y) s(y) over its 10 likeliest
classes. Two changes, measured in docs/zero-shot.md, make its cosines comparable from tag to tag: a tag's cosine is
standardised by its cosines with all 1,000 classes, since broad names are near to everything; and where the tag names
classes itself, or what they are kinds of, their probability is added. Neither looks at another photo or another tag,
so an answer never depends on what else is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Bool, Float32, Float64
from clustertags.words.label_text import Encoder, class_vectors, name_vectors
from clustertags.words.synsets import load_synsets

N_LIKELIEST = 10
MEMBER_WEIGHT = 8.0
LEAST_DEVIATION = 1e-6
PLATT_SLOPE = 0.393
PLATT_OFFSET = -3.953
DIGITS = 6


@dataclass(frozen=True, slots=True)
class CandidateTags:
    """Ready to score `names`: `vectors` (n_names, n_dimensions) of them and `classes` (1000, n_dimensions) of the
    classes, unit rows; `centre` and `scale` (n_names,) of their cosines with the classes; `members` (n_names, 1000),
    the classes that are what the name says.
    """

    names: tuple[str, ...]
    vectors: Float64
    classes: Float64
    centre: Float64
    scale: Float64
    members: Bool

    def scores(self, probabilities: Float32) -> Float64:
        """(n, 1000) class probabilities to (n, n_names), in standard deviations above the mean class."""
        placed = place(probabilities, self.classes, N_LIKELIEST)
        standard = (placed @ self.vectors.T - self.centre) / self.scale
        result: Float64 = standard + MEMBER_WEIGHT * (probabilities.astype(np.float64) @ self.members.T)
        return result

    def probabilities(self, probabilities: Float32) -> Float64:
        """(n, n_names) in 0..1: how likely each tag is right, by Platt scaling (1999) of the scores.

        Without labelled photos nothing can be fitted, so slope and offset are those of three other labelled sets.
        """
        logits = PLATT_SLOPE * self.scores(probabilities) + PLATT_OFFSET
        return np.round(1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0))), DIGITS)

    def likeliest(self, row: Float32, n: int) -> list[tuple[str, float]]:
        """The names and probabilities of a photo's `n` likeliest classes, (1000,), for its explanation."""
        order = np.argsort(-row, kind="stable")[:n]
        return [(load_synsets().names[at][0], float(row[at])) for at in order]


def prepare_candidates(words: Encoder, names: Sequence[str]) -> CandidateTags:
    """Encode the names. Raises `WordsError` where the encoder is missing."""
    vectors, classes = name_vectors(words, names).astype(np.float64), class_vectors(words).astype(np.float64)
    cosines = classes @ vectors.T
    synsets = load_synsets()
    members = np.array([synsets.classes_of(name) for name in names], np.bool_).reshape(len(names), len(classes))
    scale = np.maximum(cosines.std(axis=0), LEAST_DEVIATION)
    return CandidateTags(tuple(names), vectors, classes, cosines.mean(axis=0), scale, members)


def place(probabilities: NDArray[np.floating], classes: Float64, n_likeliest: int) -> Float64:
    """ConSE: (n, n_classes) to (n, n_dimensions) unit rows, the mean vector of the likeliest classes."""
    kept = np.argsort(-probabilities, axis=1, kind="stable")[:, :n_likeliest]
    weights = np.take_along_axis(probabilities, kept, axis=1).astype(np.float64)
    placed = np.einsum("nk,nkd->nd", weights, classes[kept])
    lengths = np.linalg.norm(placed, axis=1, keepdims=True)
    result: Float64 = placed / np.maximum(lengths, 1e-12)
    return result
