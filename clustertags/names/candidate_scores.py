"""Scores of tags without labelled photos, from the class probabilities of a photo and the vectors of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustertags.names.name_prior import TagNames
from clustertags.names.name_vectors import Encoder
from clustertags.names.tag_names import encode_tag_names
from clustertags.support.numbers import sigmoid
from clustertags.types import Float32, Float64

PLATT_SLOPE = 0.393
PLATT_OFFSET = -3.953
DIGITS = 6


def probability_of(scores: Float64) -> Float64:
    """The probabilities of scores of names, any shape."""
    return np.round(sigmoid(PLATT_SLOPE * scores + PLATT_OFFSET, 30.0), DIGITS)


@dataclass(frozen=True, slots=True)
class CandidateTags:
    """The candidates `names`; `tag_names` compares them with the classes."""

    names: tuple[str, ...]
    tag_names: TagNames

    def probabilities(self, probabilities: Float32, images: Float32 | None = None) -> Float64:
        """(n, 1000) class probabilities to (n, n_names) in 0..1: the probability of each tag, by Platt scaling (1999).
        `images` as in `TagNames.scores`.

        Slope and offset were fitted on three labelled sets, as there are no labelled photos to fit them on here.
        """
        return probability_of(self.tag_names.scores(probabilities, images))


def prepare_candidates(encoder: Encoder, names: Sequence[str]) -> CandidateTags:
    """Encode the names. Raises `WordsError` where the encoder is missing."""
    return CandidateTags(tuple(names), encode_tag_names(encoder, names))
