from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

from clustertags.clustering.consensus import agreed_groups, firmness, stability


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("least", [0.3, 0.5, 0.7])
def test_the_groups_are_those_of_average_linkage(seed: int, least: float) -> None:
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, 6, 120)
    runs = np.array([np.where(draw.random(120) < 0.25, draw.integers(0, 8, 120), truth) for _ in range(7)], np.int32)
    together = np.mean([run[:, None] == run for run in runs], axis=0)
    distances = 1 - together
    np.fill_diagonal(distances, 0)
    expected = fcluster(linkage(squareform(distances), "average"), 1 - least - 1e-9, "distance")
    assert adjusted_rand_score(expected, agreed_groups(runs, least)) == pytest.approx(1)


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
