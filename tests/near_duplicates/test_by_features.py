"""Groups of near-duplicates by their features."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.near_duplicates.by_features import near_duplicate_groups


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
    monkeypatch.setattr("clustertags.near_duplicates.by_features._CHUNK_PAIRS", 7 * 60)
    assert near_duplicate_groups(values).tolist() == at_once.tolist()
