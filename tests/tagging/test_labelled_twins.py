"""Labelled near-duplicates of one tag."""

from __future__ import annotations

import numpy as np

from clustertags.tagging.labelled_twins import without_twins
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.types import SeedTags
from tests.made.clusters import clusters_of
from tests.made.features import as_features
from tests.made.kinds import make_library, nearest


def unit(angle: float) -> list[float]:
    return [np.cos(np.radians(angle)), np.sin(np.radians(angle))]


def alone(angles: list[float], matrix: list[list[int]]) -> list[bool]:
    """Of photos at these angles, of which the first are labelled."""
    features = as_features(np.array([unit(angle) for angle in angles]))
    labels = np.array(matrix, bool)
    names = tuple("abc"[: labels.shape[1]])
    seeds = SeedTags(names, np.arange(len(labels), dtype=np.int32), labels)
    found: list[bool] = without_twins(features, nearest(features, features, 4, same=True), seeds).tolist()
    return found


def test_a_twin_is_alike_and_shares_a_tag() -> None:
    angles = [0.0, 5, 5, 40, 80]
    assert alone(angles, [[1, 0], [1, 1], [0, 1], [1, 0], [0, 1]]) == [False, False, False, True, True]
    assert alone(angles, [[1, 0], [1, 0], [0, 1], [1, 0], [0, 1]]) == [False, False, True, True, True]


def test_where_unlabelled_photos_are_as_alike_there_is_no_twin() -> None:
    assert alone([0.0, 3, 60, 90], [[1], [1]]) == [False, False]
    assert alone([0.0, 3, 1, 90], [[1], [1]]) == [True, True]


def test_many_photos_are_compared_in_parts() -> None:
    values = np.random.default_rng(0).standard_normal((1100, 30))
    values[1099] = values[3]
    features = as_features(values)
    seeds = SeedTags(("a",), np.arange(1100, dtype=np.int32), np.ones((1100, 1), bool))
    found = without_twins(features, nearest(features, features, 3, same=True), seeds)
    assert np.flatnonzero(~found).tolist() == [3, 1099]


def test_copies_of_one_photo_prove_nothing() -> None:
    """Ten copies of a photo, labelled: each is foretold by the others, which says nothing of other photos."""
    made = make_library(n=300, n_kinds=6)
    copies = np.repeat(np.flatnonzero(made.truth[:, 0])[:1], 10)
    features = as_features(
        np.concatenate([made.features.values * made.features.norms[:, None], made.features.values[copies]])
    )
    neighbours = nearest(features, features, 15, same=True)
    photos = np.arange(300, 310).astype(np.int32)
    clusters = clusters_of(np.concatenate([made.clusters.labels, made.clusters.labels[copies]]))
    seeds = SeedTags(("copied",), photos, np.ones((10, 1), bool))
    model = fit_tag_model(features, None, neighbours, clusters, seeds)
    assert model.known is not None
    told = "one example tells little of how many photos show the tag"
    assert (model.known.low < 0.2, model.known.high > 0.8) == (True, True), told
