"""Folds: near-duplicates stay together, the same seed gives the same, and no photo is told its own tags."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clustertags.benchmark.evaluation.protocol import (
    LabelledLibrary,
    cross_validate,
    make_folds,
    near_duplicate_groups,
)
from clustertags.errors import NotFittedError, PhotosError
from clustertags.library.model import FittedLibrary
from clustertags.tagging.top_tags import TopTags
from clustertags.types import ClusterDescription, Features, Photo, Projection, SeedTags
from tests.tagging.made_library import make_library, seeds_of


def labelled(features: Features, truth: np.ndarray, clusters: object, n_labelled: int) -> LabelledLibrary:
    """A library of made photos whose PCA space is their features."""
    n = len(features)
    width = features.values.shape[1]
    projection = Projection(np.zeros(width, np.float32), np.eye(width, dtype=np.float32))
    photos = np.sort(np.random.default_rng(0).permutation(n)[:n_labelled])
    library = FittedLibrary(
        root=Path("photos"),
        photos=tuple(Photo(f"{at:064x}", (f"{at}.jpg",)) for at in range(n)),
        skipped=(),
        projection=projection,
        space=projection.project(features.values),
        map=np.zeros((n, 2), np.float32),
        clusters=clusters,  # type: ignore[arg-type]
        descriptions=(ClusterDescription("", (), "number"),),
        seeds=seeds_of(photos, truth[photos]) if n_labelled else SeedTags((), np.zeros(0, np.int32), truth[:0, :0]),
        tag_model=None,
        top_tags=TopTags.none(n),
        settings={},
    )
    return LabelledLibrary(library, features, None)


def made(n_labelled: int = 60) -> LabelledLibrary:
    library = make_library(n=240, n_new=2, n_kinds=6)
    return labelled(library.features, library.truth, library.clusters, n_labelled)


def test_near_duplicates_are_one_group_also_through_others() -> None:
    angles = np.array([0.0, 0.15, 0.30, 1.2, 1.25])  # cos 0.15 = 0.989, cos 0.3 = 0.955
    values = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert near_duplicate_groups(values).tolist() == [0, 0, 0, 1, 1]


def test_groups_do_not_depend_on_how_many_rows_are_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    values = np.repeat(random.standard_normal((20, 30)), 3, axis=0) + 0.02 * random.standard_normal((60, 30))
    values = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    at_once = near_duplicate_groups(values)
    assert at_once.tolist() == np.repeat(np.arange(20), 3).tolist()
    monkeypatch.setattr("clustertags.benchmark.evaluation.protocol._CHUNK_PAIRS", 7 * 60)
    assert near_duplicate_groups(values).tolist() == at_once.tolist()


def test_no_group_straddles_a_fold_and_folds_are_even() -> None:
    groups = np.random.default_rng(1).integers(0, 40, 200)
    folds = make_folds(groups, 5, seed=0)
    for group in np.unique(groups):
        assert len(np.unique(folds[groups == group])) == 1
    sizes = np.bincount(folds)
    assert len(sizes) == 5
    assert sizes.max() - sizes.min() <= np.bincount(groups).max()


def test_the_seed_alone_decides_the_folds() -> None:
    groups = np.arange(50)
    assert make_folds(groups, 5, seed=3).tolist() == make_folds(groups, 5, seed=3).tolist()
    assert make_folds(groups, 5, seed=3).tolist() != make_folds(groups, 5, seed=4).tolist()


def test_fewer_groups_than_folds_make_as_many_folds() -> None:
    assert sorted(np.unique(make_folds(np.array([0, 0, 1, 2]), 5, seed=0))) == [0, 1, 2]
    with pytest.raises(PhotosError, match="two labelled photos that differ"):
        make_folds(np.zeros(7, np.intp), 5, seed=0)


def test_photos_held_out_are_predicted_well_and_the_same_every_time() -> None:
    library = made()
    first = cross_validate(library, (0.5, 0.9), n_folds=3, seed=1)
    again = cross_validate(library, (0.5, 0.9), n_folds=3, seed=1)
    np.testing.assert_array_equal(first.scores, again.scores)
    np.testing.assert_array_equal(first.folds, again.folds)
    right = first.truth[np.arange(len(first.truth)), first.scores.argmax(axis=1)]
    assert right.mean() > 0.6
    assert "clusters and the layout had seen the photos held out" in " ".join(first.notes)


def test_a_photo_does_not_profit_from_its_own_tag() -> None:
    """Tags drawn at random cannot be foretold; a model that had seen them would know them."""
    library = make_library(n=120, n_new=2, n_kinds=4)
    random = np.eye(4, dtype=bool)[np.random.default_rng(5).integers(0, 4, 120)]
    predictions = cross_validate(labelled(library.features, random, library.clusters, 100), (0.5,), n_folds=2)
    right = predictions.truth[np.arange(100), predictions.scores.argmax(axis=1)]
    assert right.mean() < 0.45


def test_a_photo_does_not_profit_from_its_near_duplicate() -> None:
    """As above, with every photo there twice under the same tag: apart, one would give the other away."""
    library = make_library(n=80, n_new=2, n_kinds=4)
    twice = Features(np.tile(library.features.values, (2, 1)), np.tile(library.features.norms, 2))
    clusters = make_library(n=160, n_new=2, n_kinds=4).clusters
    random = np.tile(np.eye(4, dtype=bool)[np.random.default_rng(5).integers(0, 4, 80)], (2, 1))
    predictions = cross_validate(labelled(twice, random, clusters, 160), (0.5,), n_folds=2)
    right = predictions.truth[np.arange(160), predictions.scores.argmax(axis=1)]
    assert right.mean() < 0.45
    assert any("the 160 photos are 80 different ones" in note for note in predictions.notes)


def test_a_tag_on_one_photo_alone_is_told_as_not_learnt() -> None:
    library = make_library(n=100, n_new=2, n_kinds=3)
    truth = np.concatenate([library.truth, np.zeros((100, 1), bool)], axis=1)
    photo = int(np.sort(np.random.default_rng(0).permutation(100)[:30])[0])
    truth[photo, -1] = True
    predictions = cross_validate(labelled(library.features, truth, library.clusters, 30), (0.5,), n_folds=2)
    assert predictions.scores[0, -1] == 0
    assert np.isinf(predictions.thresholds[0, predictions.folds[0], -1])
    assert any("1 of 31 true tags could not be learnt" in note for note in predictions.notes)


def test_without_labelled_photos_there_is_nothing_to_validate() -> None:
    with pytest.raises(NotFittedError, match="no photo of the library is labelled"):
        cross_validate(made(n_labelled=0), (0.5,))
    with pytest.raises(PhotosError, match="tag more"):
        cross_validate(made(n_labelled=1), (0.5,))
