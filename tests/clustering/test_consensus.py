from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

from clustertags.clustering.consensus import agreed_groups, firmness, linked, stability


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("least", [0.4, 0.5, 0.6])
def test_groups_are_linked_as_scipy_links_them(seed: int, least: float) -> None:
    points = np.random.default_rng(seed).normal(size=(80, 3))
    agreement = np.exp(-((points[:, None] - points[None]) ** 2).sum(axis=2) / 4)
    distances = 1 - agreement
    expected = fcluster(linkage(squareform(distances, checks=False), "average"), 1 - least, "distance")
    assert 2 < expected.max() < 80
    assert adjusted_rand_score(expected, linked(agreement, np.ones(80), least)) == pytest.approx(1)


def test_photos_of_one_story_count_each() -> None:
    """Two cells of many photos and few: the average is over photos, as if each had been given alone."""
    runs = np.array([[0] * 9 + [0] + [1] * 5, [0] * 9 + [1] + [1] * 5, [0] * 9 + [0] + [1] * 5], np.int32)
    assert agreed_groups(runs, 0.5).tolist() == [0] * 10 + [1] * 5


def test_one_run_that_merges_two_groups_is_overruled() -> None:
    runs = np.array([[0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]], np.int32)
    groups = agreed_groups(runs, 0.5)
    assert groups.tolist() == [0, 0, 0, 1, 1, 1]


def test_unclustered_photos_are_together_with_none() -> None:
    assert len(set(agreed_groups(np.full((3, 4), -1, np.int32), 0.5).tolist())) in {1, 4}
    groups = agreed_groups(np.array([[0, 0, -1, -1], [0, 0, -1, 1]], np.int32), 0.5)
    assert groups[0] == groups[1] and groups[2] != groups[3]


def test_a_cluster_that_comes_back_is_stable_and_one_that_breaks_is_not() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32)
    runs = np.array([[2, 2, 2, 2, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1, 2, 2]], np.int32)
    assert stability(labels, runs).tolist() == pytest.approx([1.0, 0.5])
    assert firmness(labels, runs).tolist() == pytest.approx([1.0] * 4 + [0.5] * 4)


def test_runs_without_clusters() -> None:
    nothing = np.full((2, 5), -1, np.int32)
    assert stability(np.array([0, 0, 0, -1, -1], np.int32), nothing).tolist() == [0.0]
    assert firmness(np.full(5, -1, np.int32), nothing).tolist() == [0.0] * 5
