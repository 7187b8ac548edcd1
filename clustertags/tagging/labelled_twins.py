"""Labelled photos with twins: near-duplicates with the same tag, which give their tags away when they are left out."""

from __future__ import annotations

import numpy as np

from clustertags.near_duplicates.by_features import NEAR_DUPLICATE
from clustertags.types import Bool, Features, Neighbours, SeedTags

_CHUNK_PHOTOS = 512


def without_twins(features: Features, neighbours: Neighbours, seed_tags: SeedTags) -> Bool:
    """(n_labelled,) bool: which labelled photos have no more labelled twins than unlabelled ones.

    Twins are near-duplicates among a photo's nearest others, and labelled ones share a tag with it. Where as many are
    unlabelled, the library has more like it, to which its leave-one-out score applies. `features` and `neighbours` are
    of all fitted photos.
    """
    photos, labels = seed_tags.photos, seed_tags.matrix.astype(np.float32)
    row_of = np.full(len(features), -1)
    row_of[photos] = np.arange(len(photos))
    alone = np.ones(len(photos), np.bool_)
    for start in range(0, len(photos), _CHUNK_PHOTOS):
        rows = slice(start, start + _CHUNK_PHOTOS)
        near = neighbours.indices[photos[rows]]
        cosines = np.einsum("nf,nkf->nk", features.values[photos[rows]], features.values[near])
        twins = (cosines > NEAR_DUPLICATE) & (near >= 0)
        share_tags = np.einsum("nt,nkt->nk", labels[rows], labels[row_of[near]]) > 0
        labelled = row_of[near] >= 0
        alone[rows] = (twins & labelled & share_tags).sum(axis=1) <= (twins & ~labelled).sum(axis=1)
    return alone
