"""Cross-validation folds that keep the photos of a group together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from clustertags.errors import PhotosError


def make_folds(groups: NDArray[np.intp], n_folds: int, random_state: int) -> NDArray[np.intp]:
    """(n,) the fold of each photo: each group is in one fold, sizes are as even as groups allow.

    With fewer groups than `n_folds` there is one fold a group. Raises `PhotosError` below two groups.
    """
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise PhotosError(
            f"cross-validation needs two labelled photos that differ, and {_what_there_is(len(groups))}: "
            "tag more and fit again, or give a truth with --tags"
        )
    folds = np.empty(len(groups), np.intp)
    # GroupKFold's own shuffling balances the groups of a fold, not its photos: renumber the groups instead.
    renumbered = np.random.default_rng(random_state).permutation(int(groups.max()) + 1)[groups]
    for fold, (_, held_out) in enumerate(GroupKFold(min(n_folds, n_groups)).split(groups, groups=renumbered)):
        folds[held_out] = fold
    return folds


def _what_there_is(n_photos: int) -> str:
    if n_photos < 2:
        return "only one photo is labelled" if n_photos else "no photo is labelled"
    return f"the {n_photos:,} that are labelled are nearly the same picture"
