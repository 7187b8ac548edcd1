"""Labelled photos with a twin: a near-duplicate with the same tag, which foretells their tags if they are left out."""

from __future__ import annotations

import numpy as np

from clustertags.near_duplicates.by_features import NEAR_DUPLICATE
from clustertags.types import Bool, Float32

_CHUNK_PHOTOS = 512


def without_twins(values: Float32, matrix: Bool) -> Bool:
    """(n_labelled,) bool: labelled photos that share no tag with a near-duplicate of theirs.

    `values`: (n_labelled, n_features), unit rows; `matrix`: (n_labelled, n_tags) bool.
    """
    labels = matrix.astype(np.float32)
    alone = np.ones(len(values), np.bool_)
    for start in range(0, len(values), _CHUNK_PHOTOS):
        rows = slice(start, start + _CHUNK_PHOTOS)
        twins = (values[rows] @ values.T > NEAR_DUPLICATE) & (labels[rows] @ labels.T > 0)
        at = np.arange(start, start + len(twins))
        twins[at - start, at] = False
        alone[rows] = ~twins.any(axis=1)
    return alone
