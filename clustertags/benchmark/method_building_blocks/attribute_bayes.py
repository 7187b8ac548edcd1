"""Scores of tags from probabilities of attributes, as in DAP and IAP."""

from __future__ import annotations

import numpy as np

from clustertags.types import Float64

MIN_PROBABILITY = 0.01


def attribute_scores(predicted: Float64, of_tags: Float64, prior: Float64) -> Float64:
    """(n, n_tags): sum over attributes of log p(a_m = a_m^z | x) - log p(a_m = a_m^z).

    `predicted`: (n, n_attributes) p(a_m = 1 | x); `of_tags`: (n_tags, n_attributes) of 0 and 1; `prior`:
    (n_attributes,). Probabilities are clipped to 0.01..0.99, or one wrong attribute would rule a tag out.
    """
    predicted, prior = (
        np.clip(predicted, MIN_PROBABILITY, 1 - MIN_PROBABILITY),
        np.clip(prior, MIN_PROBABILITY, 1 - MIN_PROBABILITY),
    )
    gain = np.log(predicted) - np.log(prior)
    loss = np.log1p(-predicted) - np.log1p(-prior)
    scores: Float64 = gain @ of_tags.T + loss @ (1.0 - of_tags).T
    return scores
