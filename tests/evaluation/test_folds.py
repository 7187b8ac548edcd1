"""Folds: near-duplicates stay together, and results repeat."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.errors import PhotosError
from clustertags.evaluation.folds import make_folds, near_duplicate_groups


def test_near_duplicates_are_one_group_also_through_others() -> None:
    angles = np.array([0.0, 0.15, 0.30, 1.2, 1.25])  # cos 0.15 = 0.989, cos 0.3 = 0.955
    values = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert near_duplicate_groups(values).tolist() == [0, 0, 0, 1, 1]


def test_groups_do_not_depend_on_how_many_rows_are_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    values = np.repeat(random.standard_normal((20, 30)), 3, axis=0) + 0.02 * random.standard_normal((60, 30))
    values = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    at_once = near_duplicate_groups(values)
    assert at_once.tolist() == np.repeat(np.arange(20), 3).tolist()
    monkeypatch.setattr("clustertags.evaluation.folds._CHUNK_PAIRS", 7 * 60)
    assert near_duplicate_groups(values).tolist() == at_once.tolist()


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
    with pytest.raises(PhotosError, match="two labelled photos that differ"):
        make_folds(np.zeros(7, np.intp), 5, random_state=0)
