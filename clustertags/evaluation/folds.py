"""Cross-validation folds that keep near-duplicates together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import GroupKFold

from clustertags.errors import PhotosError
from clustertags.neighbours import NEAR_DUPLICATE
from clustertags.types import Float32

_CHUNK_PAIRS = 1 << 22


def near_duplicate_groups(values: Float32) -> NDArray[np.intp]:
    """(n,) the group of each row of (n, n_features) unit vectors: connected components of the pairs whose cosine is
    above `NEAR_DUPLICATE`. Groups are numbered by their first row.
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


def make_folds(groups: NDArray[np.intp], n_folds: int, random_state: int) -> NDArray[np.intp]:
    """(n,) the fold of each photo: each group is in one fold, sizes are as even as groups allow.

    With fewer groups than `n_folds` there is one fold a group. Raises `PhotosError` below two groups.
    """
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise PhotosError(
            f"cross-validation needs two labelled photos that differ and there are {len(groups)} in {n_groups}: "
            "tag more and fit again, or give a truth with --tags"
        )
    folds = np.empty(len(groups), np.intp)
    # GroupKFold's own shuffling balances the groups of a fold, not its photos: renumber the groups instead.
    renumbered = np.random.default_rng(random_state).permutation(int(groups.max()) + 1)[groups]
    for fold, (_, held_out) in enumerate(GroupKFold(min(n_folds, n_groups)).split(groups, groups=renumbered)):
        folds[held_out] = fold
    return folds
