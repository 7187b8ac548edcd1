"""Levels above the clusters, and what their groups are called."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from clustertags.clustering.grouping import coarser_levels
from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.names.group_names import cluster_groups
from clustertags.types import ClusterDescription, Clusters, Features, Float32, Int32


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


def grouped(parents: list[list[int]], sizes: list[int]) -> Clusters:
    labels = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    n, medoids = len(labels), np.searchsorted(labels, np.arange(len(sizes)))
    return Clusters(
        labels,
        np.ones(n, np.float32),
        np.zeros(n, np.bool_),
        medoids.astype(np.int32),
        np.ones(len(sizes), np.float32),
        np.array(parents, np.int32).reshape(len(parents), len(sizes)),
    )


def described(*words: str) -> list[ClusterDescription]:
    """`name tag=share tag=share` for each cluster."""
    result = []
    for word in words:
        name, *tags = word.split()
        pairs = tuple((tag.split("=")[0], float(tag.split("=")[1])) for tag in tags)
        result.append(ClusterDescription(name.replace("_", " "), pairs, "tags" if pairs else "number"))
    return result


def names(parents: list[int], sizes: list[int], *words: str) -> list[str]:
    (groups,) = cluster_groups(grouped([parents], sizes), described(*words))
    return [group.name for group in groups]


def test_a_group_is_named_by_the_commonest_tag_its_clusters_share() -> None:
    clusters = ("boat boat=1 harbour=0.6", "crane crane=0.9 harbour=0.8", "gull gull=0.5 harbour=0.5 sea=0.1")
    assert names([0, 0, 0], [9, 6, 3], *clusters) == ["harbour"]
    assert names([0, 0], [9, 6], "boat boat=1 coast=0.4 sea=0.6", "gull gull=1 coast=0.4 sea=0.5") == ["sea"]


def test_else_by_the_hypernym_that_covers_them() -> None:
    assert names([0, 0], [6, 5], "retriever retriever=0.7", "poodle poodle=0.6") == ["dog"]
    assert names([0, 0], [6, 5], "retriever retriever=0.7", "terrier terrier=0.6") == ["hunting dog"]
    assert names([0, 0], [6, 5], "retriever retriever=0.7", "zzz zzz=0.6") == ["retriever and zzz"]


def test_else_by_its_largest_clusters() -> None:
    words = ("qa a=1", "qb b=1", "qc c=1", "qd d=1", "qe e=1")
    assert names([0, 0, 0, 0, 0], [9, 8, 7, 6, 5], *words) == ["qa, qb and 3 more"]
    assert names([0, 0, 0, 1, 1], [9, 8, 7, 6, 5], *words) == ["qa, qb and 1 more", "qd and qe"]
    assert names([0, 1, 1, 1, 1], [9, 8, 7, 6, 5], *words)[0] == "qa"


def test_a_list_of_clusters_repeats_no_word_and_has_numbers_last() -> None:
    assert names([0, 0, 0], [9, 8, 7], "cluster_0", "qa,_qx a=1", "qa,_qy b=1") == ["qa and cluster 0"]
    assert names([0, 0, 0], [9, 8, 7], "qa,_qx a=1", "qa,_qy b=1", "qb c=1") == ["qa and qb"]
    assert names([0, 0], [9, 8], "qa,_qx a=1", "qa,_qy b=1") == ["qa"]


def test_no_two_groups_of_a_level_have_one_name() -> None:
    words = ("qa x=0.9", "qb x=0.9", "qc x=0.9", "qd x=0.9")
    found = names([0, 0, 1, 1], [4, 3, 2, 1], *words)
    assert found == ["x", "x 2"]


def test_groups_hold_every_cluster_and_photo_once_at_each_level() -> None:
    clusters = grouped([[0, 1, 2, 0, 1, 2], [0, 0, 1, 0, 0, 1]], [9, 8, 7, 6, 5, 4])
    levels = cluster_groups(clusters, described(*"abcdef"))
    assert [group.clusters for group in levels[0]] == [(0, 3), (1, 4), (2, 5)]
    assert [group.n_photos for group in levels[1]] == [28, 11]
    for groups in levels:
        assert sorted(cluster for group in groups for cluster in group.clusters) == list(range(6))
        assert sum(group.n_photos for group in groups) == 39


def test_a_library_without_levels_has_no_groups() -> None:
    assert cluster_groups(grouped([], [3, 2]), described("a", "b")) == ()
    assert cluster_groups(grouped([], []), []) == ()
