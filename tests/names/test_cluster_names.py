"""What clusters are called: the person's tags first, then the hierarchy, then a number; never the same twice."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.names.cluster_names import ExpectedTags, describe_clusters
from clustertags.types import ClusterDescription, Clusters, Float32, SeedTags
from tests.made.clusters import clusters_of
from tests.made.labels import seed_tags

STRAWBERRY, CAR, GOLDEN, LABRADOR = 949, 817, 207, 208


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
    return describe_clusters(clusters, seeds, means, expected or like_the_labelled(clusters, seeds))


def like_the_labelled(clusters: Clusters, seeds: SeedTags) -> ExpectedTags:
    """A cluster's photos show what its labelled ones do."""
    shares = np.zeros((clusters.n_clusters, len(seeds.vocabulary)))
    for cluster in range(clusters.n_clusters):
        rows = seeds.matrix[clusters.labels[seeds.photos] == cluster]
        shares[cluster] = rows.mean(axis=0) if len(rows) else 0.0
    return ExpectedTags(shares, np.ones(len(shares)), np.ones(len(shares)))


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


def test_a_tag_of_few_photos_does_not_name_the_cluster() -> None:
    clusters = clusters_of([*[0] * 6])
    tags = {0: "a", 1: "b", 2: "c", 3: "d", 4: "e", 5: "f"}
    assert describe(clusters, tags, probabilities(*[CAR] * 6))[0].name == "sports car"
    without = describe(clusters, tags, None)[0]
    assert (without.name, without.source) == ("cluster 0", "number")


def test_the_most_frequent_tag_of_all_photos_names_the_cluster() -> None:
    clusters = clusters_of([0, 0, 0, 0])
    tags = {0: "field river", 1: "field river", 2: "field"}
    described = describe(clusters, tags, None, expected_of([[0.3, 0.6]], [0.95]))[0]
    assert described.name == "river"
    assert described.tags == (("river", pytest.approx(2 / 3)), ("field", 1.0))
    assert described.expected == (0.6, 0.3)
    assert [described.n_carrying(place) for place in (0, 1)] == [2, 3]


def test_a_tag_of_nearly_all_photos_of_the_library_comes_second() -> None:
    clusters = clusters_of([0, 0, 1, 1])
    tags = {0: "holiday beach", 1: "holiday beach", 2: "holiday snow", 3: "holiday snow"}
    expected = expected_of([[0.8, 0.95, 0.0], [0.0, 0.95, 0.4]], [1.0, 1.0])
    assert [item.name for item in describe(clusters, tags, None, expected)] == ["beach", "snow"]
    alone = describe(clusters, {0: "holiday", 1: "holiday", 2: "holiday"}, None, expected_of([[0.95], [0.95]], [1, 1]))
    assert [item.name for item in alone] == ["holiday", "holiday 2"]


@pytest.mark.parametrize(
    ("tags", "share", "name"),
    [
        ({0: "dog", 1: "dog"}, 0.4, "dog"),
        ({0: "dog"}, 0.6, "dog"),
        ({0: "dog"}, 0.4, "dog?"),
        ({4: "dog"}, 0.6, "dog?"),
        ({0: "dog"}, 0.25, "sports car"),
    ],
)
def test_little_evidence_names_less(tags: dict[int, str], share: float, name: str) -> None:
    clusters = clusters_of([0, 0, 0, 0, -1])
    assert describe(clusters, tags, probabilities(*[CAR] * 5), expected_of([[share]], [0.95]))[0].name == name


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({0: "ant", 1: "ant", 2: "cricket", 3: "bee", 4: "fly"}, "ant, other insect"),
        ({0: "insect", 1: "insect", 2: "ant", 3: "bee", 4: "fly"}, "insect, among others"),
        ({0: "street", 1: "street", 2: "wharf", 3: "mole", 4: "quay"}, "street, among others"),
    ],
)
def test_a_tag_of_a_few_of_the_photos_is_one_of_several(tags: dict[int, str], name: str) -> None:
    clusters, n_others = clusters_of([0] * 8), len(set(tags.values())) - 1
    shares = [0.28 if tag == tags[0] else 0.6 / n_others for tag in sorted(set(tags.values()))]
    assert describe(clusters, tags, None, expected_of([shares], [0.95]))[0].name == name


def test_tags_that_no_labelled_photo_of_the_cluster_carries_are_not_its_tags() -> None:
    clusters = clusters_of([0, 0, 1, 1])
    first, second = describe(clusters, {0: "cat", 2: "dog"}, None)
    assert [tag for tag, _ in first.tags] == ["cat"]
    assert [tag for tag, _ in second.tags] == ["dog"]


def test_two_clusters_of_one_tag_are_told_apart() -> None:
    clusters = clusters_of([0, 0, 0, 1, 1, 1, 2, 2, 2])
    tags = {0: "dog beach", 1: "dog beach", 2: "dog", 3: "dog snow", 4: "dog", 5: "dog snow", 6: "cat", 7: "cat"}
    assert [item.name for item in describe(clusters, tags, None)] == ["dog, beach", "dog, snow", "cat"]
    few, shown = {0: "dog", 3: "dog", 6: "cat", 7: "cat"}, [*[GOLDEN] * 3, *[LABRADOR] * 3, *[CAR] * 3]
    by_class = describe(clusters, few, probabilities(*shown))
    assert [item.name for item in by_class] == ["dog, golden retriever", "dog, Labrador retriever", "cat"]
    assert [item.name for item in describe(clusters, few, None)] == ["dog", "dog 2", "cat"]


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


@pytest.mark.parametrize(
    ("known", "by_labels", "name"), [(0.6, 0.1, "sports car"), (0.7, 0.1, "cat"), (0.6, 0.7, "cat")]
)
def test_more_photos_show_the_tag_than_none_by_the_model_or_by_the_number_of_labels(
    known: float, by_labels: float, name: str
) -> None:
    clusters = clusters_of([0, 0, 0])
    expected = expected_of([[0.35]], [known], [by_labels])
    assert describe(clusters, {0: "cat", 1: "cat"}, probabilities(*[CAR] * 3), expected)[0].name == name


def test_a_tag_that_the_photos_do_not_show_tells_no_two_clusters_apart() -> None:
    clusters = clusters_of([0, 0, 0, 1, 1, 1, 2])
    tags = {0: "dog beach", 1: "dog beach", 2: "dog", 3: "dog", 4: "dog"}
    shown = expected_of([[0.1, 0.9], [0.1, 0.9], [0.0, 0.0]], [0.9, 0.9, 0.0])
    assert [item.name for item in describe(clusters, tags, None, shown)][:2] == ["dog", "dog 2"]


def test_no_cluster_at_all() -> None:
    assert describe(clusters_of([]), {}, None) == ()
    assert describe(clusters_of([-1, -1]), {0: "cat"}, probabilities(CAR, CAR)) == ()


def test_shares_must_fit() -> None:
    with pytest.raises(ValueError, match="one row a cluster"):
        describe(clusters_of([0, 0]), {0: "cat"}, None, expected_of([[1.0], [0.0]], [1.0, 1.0]))
