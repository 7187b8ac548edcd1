"""What clusters are called: the person's tags first, then the hierarchy, then a number; never the same twice."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.names.cluster_names import ExpectedTags, describe_clusters
from clustertags.types import ClusterDescription, Clusters, Float32, SeedTags
from tests.made.clusters import clusters_of
from tests.made.labels import seed_tags

STRAWBERRY, CAR, GOLDEN, LABRADOR = 949, 817, 207, 208


def shares_of(clusters: Clusters, seeds: SeedTags) -> Float32:
    """Plain shares of each tag among a cluster's labelled photos, smoothed as the real ones are."""
    shares = np.zeros((clusters.n_clusters, len(seeds.vocabulary)), dtype=np.float32)
    for cluster in range(clusters.n_clusters):
        rows = seeds.matrix[clusters.labels[seeds.photos] == cluster]
        shares[cluster] = (rows.sum(axis=0) + 0.1) / (len(rows) + 1)
    return shares


def probabilities(*classes: int) -> Float32:
    rows = np.full((len(classes), 1000), 0.0002)
    rows[np.arange(len(classes)), list(classes)] += 0.8
    return rows.astype(np.float32)


def describe(
    clusters: Clusters, tags: dict[int, str], shown: Float32 | None, expected: ExpectedTags | None = None
) -> tuple[ClusterDescription, ...]:
    """`shown` has one row a photo; a cluster is described from the mean of its rows."""
    seeds = seed_tags(tags)
    means = None
    if shown is not None:
        rows = [shown[clusters.members(cluster)].mean(axis=0) for cluster in range(clusters.n_clusters)]
        means = np.array(rows, np.float32).reshape(len(rows), shown.shape[1])
    return describe_clusters(clusters, seeds, shares_of(clusters, seeds), means, expected)


def expected_of(shares: list[list[float]], known: list[float], by_labels: list[float] | None = None) -> ExpectedTags:
    return ExpectedTags(np.array(shares), np.array(known), np.array(by_labels or [0.0] * len(known)))


def test_tags_come_first_then_the_hierarchy() -> None:
    clusters = clusters_of([0, 0, 0, 1, 1, -1])
    shown = probabilities(STRAWBERRY, STRAWBERRY, STRAWBERRY, CAR, CAR, GOLDEN)
    fruit, car = describe(clusters, {0: "fruit red", 1: "fruit", 5: "dog"}, shown)
    assert (fruit.name, fruit.source, fruit.n_labelled) == ("fruit", "tags", 2)
    assert [tag for tag, _ in fruit.tags] == ["fruit", "red"]
    assert [share for _, share in fruit.tags] == [1.0, 0.5]
    assert (car.name, car.source, car.n_labelled) == ("sports car", "hierarchy", 0)


def test_without_tags_and_classes_clusters_are_numbers() -> None:
    clusters = clusters_of([0, 0, 1, -1])
    for shown in (None, np.full((4, 1000), 0.001, dtype=np.float32), np.full((4, 21841), 1e-5, dtype=np.float32)):
        descriptions = describe(clusters, {}, shown)
        assert [(item.name, item.source, item.tags) for item in descriptions] == [
            ("cluster 0", "number", ()),
            ("cluster 1", "number", ()),
        ]


def test_a_tag_of_few_labelled_photos_does_not_name_the_cluster_where_the_hierarchy_can() -> None:
    clusters = clusters_of([*[0] * 6])
    tags = {0: "a", 1: "b", 2: "c", 3: "d", 4: "e"}
    assert describe(clusters, tags, probabilities(*[CAR] * 6))[0].name == "sports car"
    without = describe(clusters, tags, None)[0]
    assert (without.name, without.source) == ("a", "tags")


def test_tags_that_no_labelled_photo_of_the_cluster_carries_are_not_its_tags() -> None:
    clusters = clusters_of([0, 0, 1, 1])
    first, second = describe(clusters, {0: "cat", 2: "dog"}, None)
    assert [tag for tag, _ in first.tags] == ["cat"]
    assert [tag for tag, _ in second.tags] == ["dog"]


def test_two_clusters_of_one_tag_are_told_apart() -> None:
    clusters = clusters_of([0, 0, 0, 1, 1, 1])
    by_tag = describe(
        clusters, {0: "dog beach", 1: "dog beach", 2: "dog", 3: "dog snow", 4: "dog", 5: "dog snow"}, None
    )
    assert [item.name for item in by_tag] == ["dog, beach", "dog, snow"]
    shown = probabilities(GOLDEN, GOLDEN, GOLDEN, LABRADOR, LABRADOR, LABRADOR)
    by_class = describe(clusters, {0: "dog", 3: "dog"}, shown)
    assert [item.name for item in by_class] == ["dog, golden retriever", "dog, Labrador retriever"]
    assert [item.name for item in describe(clusters, {0: "dog", 3: "dog"}, None)] == ["dog", "dog 2"]


def test_a_tag_and_a_class_of_one_name_are_told_apart() -> None:
    clusters = clusters_of([0, 0, 1, 1])
    names = [item.name for item in describe(clusters, {0: "strawberry"}, probabilities(CAR, CAR, *[STRAWBERRY] * 2))]
    assert names == ["strawberry, sports car", "strawberry"]


def test_a_tag_that_the_photos_are_not_expected_to_show_names_no_cluster() -> None:
    clusters = clusters_of([*[0] * 4, *[1] * 3])
    tags, shown = {0: "cat", 4: "cat"}, probabilities(*[CAR] * 4, *[GOLDEN] * 3)
    expected = expected_of([[0.2], [0.9]], [0.2, 0.95])
    first, second = describe(clusters, tags, shown, expected)
    assert (first.name, first.source, first.n_labelled) == ("sports car", "hierarchy", 1)
    assert "cat" not in dict(first.tags), "groups of clusters are not named by it either"
    assert (second.name, second.source) == ("cat", "tags")
    without = describe(clusters, tags, None, expected)
    assert [(item.name, item.source) for item in without] == [("cluster 0", "number"), ("cat", "tags")]
    assert [item.name for item in describe(clusters, tags, shown)] == ["cat, sports car", "cat, golden retriever"]


def test_the_next_tag_names_the_cluster_where_its_photos_show_that() -> None:
    clusters = clusters_of([0, 0, 0])
    described = describe(clusters, {0: "blue sea", 1: "blue sea"}, None, expected_of([[0.1, 0.8]], [0.9]))
    assert [item.name for item in described] == ["sea"]


@pytest.mark.parametrize(
    ("known", "by_labels", "name"), [(0.4, 0.1, "sports car"), (0.6, 0.1, "cat"), (0.4, 0.7, "cat")]
)
def test_most_photos_show_a_tag_by_the_model_or_by_the_number_of_labels(
    known: float, by_labels: float, name: str
) -> None:
    clusters = clusters_of([0, 0, 0])
    expected = expected_of([[0.35]], [known], [by_labels])
    assert describe(clusters, {0: "cat"}, probabilities(*[CAR] * 3), expected)[0].name == name


def test_a_tag_that_the_photos_do_not_show_tells_no_two_clusters_apart() -> None:
    clusters = clusters_of([0, 0, 0, 1, 1, 1])
    tags = {0: "dog beach", 1: "dog beach", 2: "dog", 3: "dog", 4: "dog"}
    shown = expected_of([[0.1, 0.9], [0.1, 0.9]], [0.9, 0.9])
    assert [item.name for item in describe(clusters, tags, None, shown)] == ["dog", "dog 2"]


def test_the_order_is_that_of_the_shares_given() -> None:
    clusters, seeds = clusters_of([0, 0, 0]), seed_tags({0: "outdoors surf", 1: "outdoors surf", 2: "outdoors"})
    described = describe_clusters(clusters, seeds, np.array([[0.02, 0.03]], dtype=np.float32), None)[0]
    assert described.name == "surf"
    assert described.tags == (("surf", pytest.approx(2 / 3)), ("outdoors", 1.0))


def test_no_cluster_at_all() -> None:
    assert describe(clusters_of([]), {}, None) == ()
    assert describe(clusters_of([-1, -1]), {0: "cat"}, probabilities(CAR, CAR)) == ()


def test_shares_must_fit() -> None:
    clusters, seeds = clusters_of([0, 0]), seed_tags({0: "cat"})
    with pytest.raises(ValueError, match="one row a cluster"):
        describe_clusters(clusters, seeds, np.zeros((2, 1), dtype=np.float32), None)
