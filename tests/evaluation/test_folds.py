"""Folds: groups stay together, and results repeat."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.errors import PhotosError
from clustertags.evaluation.folds import make_folds


def test_no_group_straddles_a_fold_and_folds_are_even() -> None:
    groups = np.random.default_rng(1).integers(0, 40, 200)
    folds = make_folds(groups, 5, random_state=0)
    for group in np.unique(groups):
        assert len(np.unique(folds[groups == group])) == 1
    sizes = np.bincount(folds)
    assert len(sizes) == 5
    assert sizes.max() - sizes.min() <= np.bincount(groups).max()


def test_folds_depend_on_the_random_state_alone() -> None:
    groups = np.arange(50)
    assert make_folds(groups, 5, random_state=3).tolist() == make_folds(groups, 5, random_state=3).tolist()
    assert make_folds(groups, 5, random_state=3).tolist() != make_folds(groups, 5, random_state=4).tolist()


def test_fewer_groups_than_folds_make_as_many_folds() -> None:
    assert sorted(np.unique(make_folds(np.array([0, 0, 1, 2]), 5, random_state=0))) == [0, 1, 2]
    with pytest.raises(
        PhotosError, match="photos that differ, and the 7 that are labelled are nearly the same picture"
    ):
        make_folds(np.zeros(7, np.intp), 5, random_state=0)
    with pytest.raises(PhotosError, match="photos that differ, and only one photo is labelled"):
        make_folds(np.zeros(1, np.intp), 5, random_state=0)
