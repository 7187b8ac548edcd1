"""Photos labelled in part: single tags were accepted or rejected, and of the others nothing was said.

An unknown label is replaced by its expectation, as in the E-step of the EM algorithm (Dempster et al. 1977): what the
ridge regression of the head predicts for the photo from the other labelled photos alone, a few times over. So replaced
it weighs neither for nor against the tag, in every component.

That needs some photos that lack a tag: where all that is known is what photos show, the expectation of every label is
1. Who names some tags of a photo may have looked at others, too, so that an unnamed tag is weak evidence against it
(Elkan and Noto 2008, "Learning classifiers from only positive and unlabeled data"): with a share c of a photo's tags
named, the expectation is multiplied by 1 - c. Where fewer than half of the labelled photos are labelled in part, the
others say enough of what photos lack, and c falls to 0 with their share.
"""

from __future__ import annotations

import numpy as np

from clustertags.support.numbers import as_saved
from clustertags.tagging.head import choose_setting, combined_gram, leave_one_out
from clustertags.tagging.representation import FeatureBlocks
from clustertags.types import Bool, Float64, SeedTags

ROUNDS = 2
"""One lost 0.002 of MiAP, eight gained nothing (flickr8k, 200 labelled)."""
NAMED_SHARE = 0.5
"""The prior of the share of a photo's tags that are named, where no photo is labelled in full, ..."""
PRIOR_PHOTOS = 10.0
"""... and how many photos labelled in full it weighs as much as."""
CERTAIN = 1e-4
"""Expectations are in CERTAIN..1 - CERTAIN, so that only known labels are 0 or 1."""


def expected_labels(blocks: FeatureBlocks, seed_tags: SeedTags, stated: Bool, expected: Float64) -> Float64:
    """(n_labelled, n_tags) float64: 0 or 1 where the label is `stated`, else its expectation, in between.

    `blocks` are of the labelled photos; `expected` (n_labelled, n_tags): the name prior, see `fit_head`.
    """
    matrix = seed_tags.matrix
    kept = 1.0 - weight_of_unnamed(seed_tags)
    grams = [block @ block.T for block in blocks.all]
    setting = choose_setting(grams, matrix.astype(np.float64), expected)
    gram = combined_gram(grams, setting.block_weights)
    labels = matrix.astype(np.float64)
    for _ in range(ROUNDS):
        predicted = leave_one_out(gram, labels - expected, setting.penalty) + expected
        labels = np.where(stated, matrix, np.clip(kept * predicted, CERTAIN, 1.0 - CERTAIN))
    return as_saved(labels)


def weight_of_unnamed(seed_tags: SeedTags) -> float:
    """In 0..1: how much an unnamed tag of a photo labelled in part weighs against the tag."""
    if seed_tags.partial is None:
        return 0.0
    n_tags, partial = seed_tags.matrix.sum(axis=1), seed_tags.partial
    named, full = n_tags[partial], n_tags[~partial]
    prior = PRIOR_PHOTOS * named.mean() / NAMED_SHARE
    per_photo = (full.sum() + prior) / (len(full) + PRIOR_PHOTOS)
    return float(min(named.mean() / per_photo, 1.0) * min(2.0 * partial.mean(), 1.0))
