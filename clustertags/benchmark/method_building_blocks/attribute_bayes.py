"""From probabilities of attributes to scores of tags, as DAP and IAP both do."""

from __future__ import annotations

import numpy as np

from clustertags.types import Float64

LEAST = 0.01


def attribute_scores(said: Float64, wanted: Float64, prior: Float64) -> Float64:
    """(n, n_tags): sum over attributes of log p(a_m = a_m^z | x) - log p(a_m = a_m^z).

    `said`: (n, n_attributes) p(a_m = 1 | x); `wanted`: (n_tags, n_attributes) of 0 and 1; `prior`: (n_attributes,). All
    are kept between 0.01 and 0.99, or one attribute that is told wrongly would rule a tag out.
    """
    said, prior = np.clip(said, LEAST, 1 - LEAST), np.clip(prior, LEAST, 1 - LEAST)
    gain = np.log(said) - np.log(prior)
    loss = np.log1p(-said) - np.log1p(-prior)
    scores: Float64 = gain @ wanted.T + loss @ (1.0 - wanted).T
    return scores
