"""Photos labelled in part: single tags were accepted or rejected, and of the others nothing was said.

An unknown label is replaced by its expectation, as in the E-step of the EM algorithm (Dempster et al. 1977): what the
ridge regression of the head predicts for the photo from the other labelled photos alone, as a probability, a few times
over. So replaced it weighs neither for nor against the tag, in every component.

That needs some photos that lack a tag: where all that is known is what photos show, the expectation of every label is
1. Who names some tags of a photo may have looked at others, too, so that an unnamed tag is weak evidence against it
(Elkan and Noto 2008, "Learning classifiers from only positive and unlabeled data"): with a share c of a photo's tags
named, the expectation is multiplied by 1 - c. Where fewer than half of the labelled photos are labelled in part, the
others say enough of what photos lack, and c falls to 0 with their share.
"""

from __future__ import annotations

import numpy as np

from clustertags.support.numbers import as_saved, sigmoid
from clustertags.tagging.head import choose_setting, combined_gram, leave_one_out
from clustertags.tagging.representation import FeatureBlocks
from clustertags.types import Bool, Float64, SeedTags

ROUNDS = 2
"""One lost 0.002 of MiAP on Flickr8k with 200 labelled photos, eight gained nothing."""
NAMED_SHARE = 0.5
"""The prior of the share of a photo's tags that are named, where no photo is labelled in full, ..."""
PRIOR_PHOTOS = 10.0
"""... and how many photos labelled in full it weighs as much as."""
SLOPE_AND_OFFSET, DEVIATIONS = (8.0, -4.0), (2.0, 1.0)
"""The prior of the Platt scaling, about 0 to 0 and 1 to 1. Without the scaling, an unknown label that is certain would
weigh against the tag: its ridge regression is well below 1."""
NEWTON_STEPS = 12
CERTAIN = 1e-4
"""Expectations are in CERTAIN..1 - CERTAIN, so that only known labels are 0 or 1."""


def expected_labels(blocks: FeatureBlocks, seed_tags: SeedTags, stated: Bool, expected: Float64) -> Float64:
    """(n_labelled, n_tags) float64: 0 or 1 where the label is `stated`, else its expectation, in between.

    `blocks` are of the labelled photos; `expected` (n_labelled, n_tags): the name prior, see `fit_head`.
    """
    matrix = seed_tags.matrix
    weight = weight_of_unnamed(seed_tags)
    grams = [block @ block.T for block in blocks.all]
    setting = choose_setting(grams, matrix.astype(np.float64), expected)
    gram = combined_gram(grams, setting.block_weights)
    labels = matrix.astype(np.float64)
    for _ in range(ROUNDS):
        predicted = leave_one_out(gram, labels - expected, setting.penalty) + expected
        probable = _probabilities(predicted, labels)
        labels = np.where(stated, matrix, np.clip((1.0 - weight) * probable, CERTAIN, 1.0 - CERTAIN))
    return as_saved(labels)


def _probabilities(predicted: Float64, labels: Float64) -> Float64:
    """(n_labelled, n_tags) in 0..1: Platt scaling of the ridge regression's predictions, which are near the mean.

    One slope and offset for all tags, fitted to the labels by Newton's method.
    """
    inputs = np.stack([predicted.ravel(), np.ones(predicted.size)])
    prior, precision = np.array(SLOPE_AND_OFFSET), np.diag(1.0 / np.array(DEVIATIONS) ** 2)
    found = prior
    for _ in range(NEWTON_STEPS):
        given = sigmoid(found @ inputs)
        gradient = inputs @ (given - labels.ravel()) + precision @ (found - prior)
        curvature = (inputs * (given * (1.0 - given))) @ inputs.T + precision
        found = found - np.linalg.solve(curvature, gradient)
    result: Float64 = sigmoid(found @ inputs).reshape(predicted.shape)
    return result


def weight_of_unnamed(seed_tags: SeedTags) -> float:
    """In 0..1: how much an unnamed tag of a photo labelled in part weighs against the tag."""
    n_tags, partial = seed_tags.matrix.sum(axis=1), seed_tags.partial
    if partial is None or not partial.any():
        return 0.0
    named, full = n_tags[partial], n_tags[~partial]
    prior = PRIOR_PHOTOS * named.mean() / NAMED_SHARE
    per_photo = (full.sum() + prior) / (len(full) + PRIOR_PHOTOS)
    return float(min(named.mean() / per_photo, 1.0) * min(2.0 * partial.mean(), 1.0))
