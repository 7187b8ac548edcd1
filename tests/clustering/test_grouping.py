"""Levels above the clusters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from clustertags.clustering.grouping import coarser_levels
from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.types import Features, Float32, Int32


def made_groups(sizes: list[int], n_super: int, seed: int = 0) -> tuple[Float32, Int32, NDArray[np.intp]]:
    """A mixture of mixtures: space, labels and the true super-group of each cluster, clusters dealt out in turn."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(n_super, 32))
    truth = np.arange(len(sizes)) % n_super
    middles = centres[truth] + 0.5 * draw.normal(size=(len(sizes), 32))
    labels = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    space = middles[labels] + 0.3 * draw.normal(size=(len(labels), 32))
    return (space / np.linalg.norm(space, axis=1, keepdims=True)).astype(np.float32), labels, truth


SIZES = [40, 35, 30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 9, 8, 7, 6, 5]


@pytest.mark.parametrize("seed", range(5))
def test_the_first_level_finds_the_groups_of_a_mixture_of_mixtures(seed: int) -> None:
    space, labels, truth = made_groups(SIZES, n_super=6, seed=seed)
    levels = coarser_levels(space, labels, len(SIZES))
    assert [len(set(level)) for level in levels.tolist()] == [6, 2]
    assert adjusted_mutual_info_score(truth, levels[0]) > 0.9


def test_levels_are_nested_and_numbered_by_photos() -> None:
    space, labels, _ = made_groups([5] * 30 + [40, 3], n_super=7)
    levels = coarser_levels(space, labels, 32)
    assert levels.dtype == np.int32
    assert [len(set(level)) for level in levels.tolist()] == [11, 4]
    for group in set(levels[0].tolist()):
        assert len(set(levels[1][levels[0] == group].tolist())) == 1
    sizes = np.bincount(labels)
    for level in levels:
        photos = np.bincount(level, weights=sizes)
        assert photos.sum() == len(labels)
        assert (np.diff(photos) <= 0).all()


def test_levels_are_the_same_again_and_unclustered_photos_do_not_count() -> None:
    space, labels, _ = made_groups(SIZES, n_super=6)
    levels = coarser_levels(space, labels, len(SIZES))
    assert np.array_equal(levels, coarser_levels(space, labels, len(SIZES)))
    stray = np.tile(space[:1], (50, 1))
    more = np.concatenate([labels, np.full(50, -1, np.int32)])
    assert np.array_equal(levels, coarser_levels(np.concatenate([space, stray]), more, len(SIZES)))


@pytest.mark.parametrize(("n", "counts"), [(0, []), (1, []), (5, []), (6, [2]), (9, [3, 2]), (27, [9, 3])])
def test_how_many_groups_there_are(n: int, counts: list[int]) -> None:
    space, labels, _ = made_groups([4] * n, n_super=3)
    levels = coarser_levels(space, labels, n)
    assert levels.shape == (len(counts), n)
    assert [len(set(level)) for level in levels.tolist()] == counts


def test_a_chain_of_clusters_is_cut_in_the_middle() -> None:
    """Where single linkage would leave the last one by itself."""
    angles = np.deg2rad([0, 10, 21, 31, 42, 54])
    space = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert coarser_levels(space, np.arange(6, dtype=np.int32), 6).tolist() == [[0, 0, 0, 0, 1, 1]]


def test_clusters_that_are_alike_still_make_as_many_groups() -> None:
    space = np.tile(np.eye(1, 4, dtype=np.float32), (24, 1))
    levels = coarser_levels(space, np.repeat(np.arange(12, dtype=np.int32), 2), 12)
    assert [len(set(level)) for level in levels.tolist()] == [4, 2]


def test_a_fits_clusters_have_levels() -> None:
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(4, 1, 160)) + 0.6 * draw.normal(size=(4, 3, 160))
    rows = np.maximum(centres.reshape(12, 1, 160) + 0.35 * draw.normal(size=(12, 30, 160)), 0).reshape(-1, 160)
    norms = np.linalg.norm(rows, axis=1).astype(np.float32)
    features = Features((rows / norms[:, None]).astype(np.float32), norms)
    settings = ClusteringSettings(n_runs=2)
    clusters = cluster_photos(reduce_features(features, settings, seed=0), settings, seed=0)
    assert clusters.n_clusters == 12
    broad = np.repeat(np.arange(4), 90)[clusters.medoids]
    assert adjusted_mutual_info_score(broad, clusters.parents[0]) > 0.9
