"""What groups of clusters are called."""

from __future__ import annotations

import numpy as np

from clustertags.names.group_names import cluster_groups
from clustertags.types import ClusterDescription, Clusters
from tests.made.clusters import clusters_of


def grouped(parents: list[list[int]], sizes: list[int]) -> Clusters:
    return clusters_of(np.repeat(np.arange(len(sizes)), sizes), parents)


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
