"""Tags of which no photo was labelled, from what ImageNet's classifier says and the vectors of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustertags.names.name_prior import NamedTags
from clustertags.names.name_vectors import Encoder
from clustertags.names.tag_names import name_tags
from clustertags.support.numbers import sigmoid
from clustertags.types import Float32, Float64

PLATT_SLOPE = 0.393
PLATT_OFFSET = -3.953
DIGITS = 6


@dataclass(frozen=True, slots=True)
class CandidateTags:
    """Ready to score `names`, whose places among the classes are `named`."""

    names: tuple[str, ...]
    named: NamedTags

    def probabilities(self, probabilities: Float32) -> Float64:
        """(n, 1000) class probabilities to (n, n_names) in 0..1: how likely each tag is right, by Platt scaling (1999).

        Without labelled photos nothing can be fitted, so slope and offset are those of three other labelled sets.
        """
        logits = PLATT_SLOPE * self.named.scores(probabilities) + PLATT_OFFSET
        return np.round(sigmoid(logits, 30.0), DIGITS)


def prepare_candidates(words: Encoder, names: Sequence[str]) -> CandidateTags:
    """Encode the names. Raises `WordsError` where the encoder is missing."""
    return CandidateTags(tuple(names), name_tags(words, names))
