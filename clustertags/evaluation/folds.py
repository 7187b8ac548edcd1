"""Parts to hold out in turn: photos that show the same stay together, and a seed decides the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import GroupKFold

from clustertags.errors import PhotosError
from clustertags.types import Float32

NEAR_DUPLICATE = 0.98
"""Photos whose features have a larger cosine than this show the same: frames of a burst, copies saved anew."""

_CHUNK_PAIRS = 1 << 22


def near_duplicate_groups(values: Float32) -> NDArray[np.intp]:
    """(n,) the group of each row of (n, n_features) unit vectors: linked, also through others, by a cosine above
    `NEAR_DUPLICATE`. Groups are numbered by their first row.
    """
    n = len(values)
    rows: list[NDArray[np.intp]] = []
    columns: list[NDArray[np.intp]] = []
    step = max(1, _CHUNK_PAIRS // max(n, 1))
    for start in range(0, n, step):
        row, column = np.nonzero(values[start : start + step] @ values.T > NEAR_DUPLICATE)
        rows.append(row + start)
        columns.append(column)
    pairs = (np.concatenate(rows), np.concatenate(columns))
    linked = coo_array((np.ones(len(pairs[0]), bool), pairs), shape=(n, n))
    return np.asarray(connected_components(linked, directed=False)[1], np.intp)


def make_folds(groups: NDArray[np.intp], n_folds: int, seed: int) -> NDArray[np.intp]:
    """(n,) the fold of each photo: no group is in two, sizes are as even as groups allow, the same seed gives the same.

    There are as many folds as groups where that is fewer than `n_folds`. Raises `PhotosError` below two groups.
    """
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise PhotosError(
            f"cross-validation needs two labelled photos that differ and there are {len(groups)} in {n_groups}: "
            "tag more and fit again, or give a truth with --tags"
        )
    folds = np.empty(len(groups), np.intp)
    # scikit-learn's own shuffling evens out how many groups a fold has, not how many photos: renumber them instead.
    renumbered = np.random.default_rng(seed).permutation(int(groups.max()) + 1)[groups]
    for fold, (_, held_out) in enumerate(GroupKFold(min(n_folds, n_groups)).split(groups, groups=renumbered)):
        folds[held_out] = fold
    return folds
