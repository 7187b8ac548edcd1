"""What clusters say: shares by hand, and names that are not merely the commonest tag."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.tagging.cluster_tags import count_cluster_tags, count_seed_tags, leave_one_out_shares
from clustertags.types import SeedTags
from tests.made.clusters import clusters_of

LABELS = np.array([0, 0, 0, 1, 1, -1], np.int32)
# Tags: "photo" on all, "dog" on cluster 0, "beach" on cluster 1 and the one in no cluster.
MATRIX = np.array([[1, 1, 0], [1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1], [1, 0, 1]], bool)


def test_counts_and_smoothed_shares_by_hand() -> None:
    counted = count_cluster_tags(LABELS, 3, MATRIX)
    assert counted.counts.tolist() == [[3, 3, 0], [2, 0, 2], [0, 0, 0]]
    assert counted.n_labelled.tolist() == [3, 2, 0]
    assert counted.shares()[0] == pytest.approx([1.0, 3.5 / 4, 0.5 / 4])
    assert counted.shares()[2] == pytest.approx([1.0, 0.5, 0.5])
    assert counted.shares()[-1] == pytest.approx([1.0, 0.5, 0.5])


def test_described_from_the_photos_that_the_seeds_name() -> None:
    clusters = clusters_of(np.array([0, 1, 0, 1, -1]))
    seeds = SeedTags(("a", "b"), np.array([1, 2], np.int32), np.array([[1, 0], [0, 1]], bool))
    counted = count_seed_tags(clusters, seeds)
    assert counted.counts.tolist() == [[0, 1], [1, 0]]


def test_leave_one_out_shares_equal_counting_the_others() -> None:
    counted = count_cluster_tags(LABELS, 3, MATRIX)
    loo_shares = leave_one_out_shares(LABELS, MATRIX, counted)
    for row in range(len(LABELS)):
        others = np.arange(len(LABELS)) != row
        again = count_cluster_tags(LABELS[others], 3, MATRIX[others]).shares()[LABELS[row]]
        assert loo_shares[row] == pytest.approx(again, abs=1e-6)


def test_nothing_clustered_and_a_single_photo() -> None:
    alone = count_cluster_tags(np.array([-1], np.int32), 0, np.ones((1, 2), bool))
    assert alone.shares().tolist() == [[1.0, 1.0]]
    assert np.isfinite(leave_one_out_shares(np.array([-1], np.int32), np.ones((1, 2), bool), alone)).all()
