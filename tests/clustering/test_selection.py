from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score

from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.errors import PhotosError
from clustertags.neighbours import assign, nearest
from clustertags.types import UNCLUSTERED, Clusters, Features, Reduction, SeedTags
from tests.clustering.conftest import MadeLibrary, made_library, wide_kinds
from tests.made.features import as_features

SETTINGS = ClusteringSettings()


def clustered(features: Features, settings: ClusteringSettings = SETTINGS, seed: int = 0) -> Clusters:
    return cluster_photos(reduce_features(features, settings, seed=seed), settings, seed=seed)


def ami(library: MadeLibrary, clusters: Clusters) -> float:
    return float(adjusted_mutual_info_score(library.kinds, clusters.labels))


def largest_share(clusters: Clusters) -> float:
    return len(clusters.members(0)) / len(clusters.labels)


def test_seven_broad_kinds_do_not_collapse(seven_broad_kinds: MadeLibrary) -> None:
    clusters = clustered(seven_broad_kinds.features)
    assert 7 <= clusters.n_clusters <= 30
    assert largest_share(clusters) < 0.25
    assert ami(seven_broad_kinds, clusters) > 0.7
    assert clusters.n_unclustered < 0.05 * len(clusters.labels)


def test_kinds_of_unequal_size_are_told_apart(unequal_kinds: MadeLibrary) -> None:
    clusters = clustered(unequal_kinds.features)
    assert ami(unequal_kinds, clusters) > 0.9
    assert clusters.n_unclustered < 0.05 * len(clusters.labels)


def test_broad_and_narrow_kinds_side_by_side() -> None:
    """A pair of kinds that resemble each other beside kinds that do not: where excess of mass merges the pair."""
    draw = np.random.default_rng(0)
    far = draw.normal(size=(4, 160))
    centres = np.concatenate([far, far[:1] + 0.45 * draw.normal(size=(1, 160))])
    rows = [np.maximum(centre + draw.normal(scale=0.6, size=(60, 160)), 0) for centre in centres]
    library = MadeLibrary(as_features(np.concatenate(rows)), np.repeat(np.arange(5), 60))
    assert ami(library, clustered(library.features)) > 0.85


def test_clear_kinds_are_stable_and_one_cloud_is_not_cut_into_firm_pieces() -> None:
    clear = clustered(made_library([80] * 5).features)
    assert clear.n_clusters == 5
    assert clear.stability.min() > 0.9
    cloud = clustered(made_library([400]).features)
    assert cloud.n_clusters <= 1 or cloud.stability.mean() < 0.6


def test_photos_like_no_other_are_told_apart_from_kinds(unequal_kinds: MadeLibrary) -> None:
    draw = np.random.default_rng(7)
    stray = np.maximum(draw.normal(size=(30, 160)), 0)
    stray /= np.linalg.norm(stray, axis=1, keepdims=True)
    library = made_library([100] * 4, seed=2)
    values = np.concatenate([library.features.values, stray])
    clusters = clustered(as_features(values.astype(np.float64)))
    kinds = np.concatenate([library.kinds, np.full(30, 9)])
    assert adjusted_mutual_info_score(kinds[:400], clusters.labels[:400]) > 0.95


def test_the_result_is_as_it_says(unequal_kinds: MadeLibrary) -> None:
    features = unequal_kinds.features
    reduction = reduce_features(features, SETTINGS, seed=0)
    clusters = cluster_photos(reduction, SETTINGS, seed=0)
    sizes = np.bincount(clusters.labels[clusters.labels != UNCLUSTERED])
    assert (np.diff(sizes) <= 0).all()
    for cluster, medoid in enumerate(clusters.medoids):
        members = reduction.space[clusters.members(cluster)].astype(np.float64)
        means = (members @ members.T).mean(axis=1)
        assert clusters.labels[medoid] == cluster
        assert reduction.space[medoid] @ members.mean(axis=0) >= means.max() - 1e-5
    assert ((clusters.probabilities >= 0) & (clusters.probabilities <= 1)).all()
    assert (clusters.probabilities[clusters.labels == UNCLUSTERED] == 0).all()
    assert ((clusters.stability >= 0) & (clusters.stability <= 1)).all()
    assert clusters.noise[clusters.labels == UNCLUSTERED].all()


def test_the_same_seed_gives_the_same_clusters(unequal_kinds: MadeLibrary) -> None:
    first, second = clustered(unequal_kinds.features, seed=3), clustered(unequal_kinds.features, seed=3)
    assert np.array_equal(first.labels, second.labels)
    assert np.array_equal(first.probabilities, second.probabilities)
    assert np.array_equal(first.stability, second.stability)


def test_another_seed_gives_nearly_the_same_clusters(seven_broad_kinds: MadeLibrary) -> None:
    first, second = clustered(seven_broad_kinds.features, seed=0), clustered(seven_broad_kinds.features, seed=1)
    assert adjusted_mutual_info_score(first.labels, second.labels) > 0.85


def test_a_new_photo_joins_the_cluster_of_its_kind() -> None:
    library = made_library([150, 80, 40, 24], seed=1)
    features, kinds = library.features, library.kinds
    old, new = np.arange(0, len(kinds), 2), np.arange(1, len(kinds), 2)
    reduction = reduce_features(features.take(old), SETTINGS, seed=0)
    clusters = cluster_photos(reduction, SETTINGS, seed=0)
    queries = reduction.projection.project(features.values[new])
    answer = assign(nearest(reduction.space, queries, 15), clusters)
    placed = answer.labels != UNCLUSTERED
    assert placed.mean() > 0.85
    kind_of = kinds[old][clusters.medoids]
    assert (kind_of[answer.labels[placed]] == kinds[new][placed]).mean() > 0.95


def test_few_wide_kinds_make_few_clusters_and_many_narrow_ones_as_many() -> None:
    wide = wide_kinds([150] * 4)
    clusters = clustered(wide.features)
    assert 4 <= clusters.n_clusters <= 10
    assert ami(wide, clusters) > 0.8
    narrow = clustered(made_library([15] * 40).features)
    assert narrow.n_clusters == 40


def labelled(kinds: np.ndarray, photos: np.ndarray) -> SeedTags:
    tags, of_photo = np.unique(kinds, return_inverse=True)
    vocabulary = tuple(f"tag {tag:03}" for tag in tags)
    return SeedTags(vocabulary, photos.astype(np.int32), np.eye(len(tags), dtype=np.bool_)[of_photo[photos]])


def test_the_persons_tags_can_ask_for_a_broader_level_and_a_handful_cannot() -> None:
    wide = wide_kinds([150] * 4)
    reduction = reduce_features(wide.features, SETTINGS, seed=0)
    alone = cluster_photos(reduction, SETTINGS, seed=0)
    told = cluster_photos(reduction, SETTINGS, seed=0, seed_tags=labelled(wide.kinds, np.arange(0, 600, 3)))
    assert told.n_clusters < alone.n_clusters
    assert ami(wide, told) > ami(wide, alone) + 0.02
    for apart in (75, 50):
        few = labelled(wide.kinds, np.arange(0, 600, apart))
        assert np.array_equal(cluster_photos(reduction, SETTINGS, seed=0, seed_tags=few).labels, alone.labels)


@pytest.mark.parametrize("selection", ["eom", "leaf"])
def test_hdbscans_own_rules_can_be_asked_for(unequal_kinds: MadeLibrary, selection: str) -> None:
    settings = ClusteringSettings(selection=selection, min_cluster_size=10, n_runs=1)  # type: ignore[arg-type]
    clusters = clustered(unequal_kinds.features, settings)
    assert ami(unequal_kinds, clusters) > 0.7
    assert min(len(clusters.members(c)) for c in range(clusters.n_clusters)) >= 10


def test_no_cluster_is_smaller_than_asked(seven_broad_kinds: MadeLibrary) -> None:
    clusters = clustered(seven_broad_kinds.features, ClusteringSettings(min_cluster_size=40))
    assert min(len(clusters.members(c)) for c in range(clusters.n_clusters)) >= 40


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_photos_make_no_cluster(n: int) -> None:
    clusters = clustered(made_library([n]).features)
    assert clusters.n_clusters == 0
    assert clusters.n_unclustered == n


@pytest.mark.parametrize("n", [*range(3, 13), 16, 20, 25])
def test_few_photos(n: int) -> None:
    clusters = clustered(made_library([n]).features)
    assert len(clusters.labels) == n
    assert np.isfinite(clusters.probabilities).all() and np.isfinite(clusters.stability).all()


def test_two_kinds_of_ten_photos_each() -> None:
    library = made_library([10, 10])
    assert ami(library, clustered(library.features)) > 0.7


@pytest.mark.parametrize("n", [2, 3, 8, 200])
def test_photos_that_are_all_the_same_make_one_cluster(n: int) -> None:
    clusters = clustered(as_features(np.ones((n, 160))))
    assert clusters.n_clusters == 1
    assert clusters.n_unclustered == 0


def test_a_size_that_no_cluster_reaches_leaves_all_unclustered(unequal_kinds: MadeLibrary) -> None:
    clusters = clustered(unequal_kinds.features, ClusteringSettings(min_cluster_size=5000))
    assert clusters.n_clusters == 0
    assert clusters.n_unclustered == len(unequal_kinds.kinds)


def test_no_photo_is_an_error() -> None:
    nothing = np.zeros((0, 8), np.float32)
    projection = reduce_features(made_library([9]).features, SETTINGS, seed=0).projection
    with pytest.raises(PhotosError, match="no readable photo"):
        cluster_photos(Reduction(projection, nothing, nothing, nothing[:, :2]), SETTINGS, seed=0)
