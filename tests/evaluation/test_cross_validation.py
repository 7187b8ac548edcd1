"""Cross-validation: no photo is predicted from its own tags, and results repeat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import NotFittedError, PhotosError
from clustertags.evaluation.cross_validation import (
    cross_validate,
)
from clustertags.library.library_features import LibraryFeatures
from clustertags.library.model import FittedLibrary
from clustertags.tagging.top_tags import TopTags
from clustertags.types import ClusterDescription, Features, Photo, Projection, SeedTags
from tests.made.kinds import make_library, seeds_of


def labelled(features: Features, truth: np.ndarray, clusters: object, n_labelled: int) -> LibraryFeatures:
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
    return LibraryFeatures(library, features, None)


def made(n_labelled: int = 60) -> LibraryFeatures:
    library = make_library(n=240, n_new=2, n_kinds=6)
    return labelled(library.features, library.truth, library.clusters, n_labelled)


def test_photos_held_out_are_predicted_well_and_the_same_every_time() -> None:
    library = made()
    first = cross_validate(library, (0.5, 0.9), n_folds=3, random_state=1)
    again = cross_validate(library, (0.5, 0.9), n_folds=3, random_state=1)
    np.testing.assert_array_equal(first.scores, again.scores)
    np.testing.assert_array_equal(first.folds, again.folds)
    right = first.truth[np.arange(len(first.truth)), first.scores.argmax(axis=1)]
    assert right.mean() > 0.6
    assert "the clusters and the layout were computed from all photos" in " ".join(first.notes)


def test_a_photo_does_not_profit_from_its_own_tag() -> None:
    """Random tags cannot be predicted, except by a model fitted on them."""
    library = make_library(n=120, n_new=2, n_kinds=4)
    random = np.eye(4, dtype=bool)[np.random.default_rng(5).integers(0, 4, 120)]
    predictions = cross_validate(labelled(library.features, random, library.clusters, 100), (0.5,), n_folds=2)
    right = predictions.truth[np.arange(100), predictions.scores.argmax(axis=1)]
    assert right.mean() < 0.45


def test_a_photo_does_not_profit_from_its_near_duplicate() -> None:
    """As above, with every photo twice under the same tag: in different folds, one would reveal the other's tag."""
    library = make_library(n=80, n_new=2, n_kinds=4)
    twice = Features(np.tile(library.features.values, (2, 1)), np.tile(library.features.norms, 2))
    clusters = make_library(n=160, n_new=2, n_kinds=4).clusters
    random = np.tile(np.eye(4, dtype=bool)[np.random.default_rng(5).integers(0, 4, 80)], (2, 1))
    predictions = cross_validate(labelled(twice, random, clusters, 160), (0.5,), n_folds=2)
    right = predictions.truth[np.arange(160), predictions.scores.argmax(axis=1)]
    assert right.mean() < 0.45
    assert any("the 160 photos form 80 groups" in note for note in predictions.notes)


def test_a_tag_on_one_photo_alone_is_reported_as_not_learnt() -> None:
    library = make_library(n=100, n_new=2, n_kinds=3)
    truth = np.concatenate([library.truth, np.zeros((100, 1), bool)], axis=1)
    photo = int(np.sort(np.random.default_rng(0).permutation(100)[:30])[0])
    truth[photo, -1] = True
    predictions = cross_validate(labelled(library.features, truth, library.clusters, 30), (0.5,), n_folds=2)
    assert predictions.scores[0, -1] == 0
    assert np.isinf(predictions.thresholds[0, predictions.folds[0], -1])
    assert any("1 of 31 true tags could not be learnt" in note for note in predictions.notes)


def test_a_demoted_tag_scores_its_share_of_the_photos_fitted_on() -> None:
    """Its place among a photo's tags is that of its score, and no threshold above the share lets it through."""
    made = make_library(n=120, n_new=2, n_kinds=4)
    common = np.concatenate([made.truth, np.arange(120)[:, None] % 5 < 3], axis=1)
    library = labelled(made.features, common, made.clusters, 80)
    demoted = replace(library, library=replace(library.library, demoted={"tag0004": "carries nothing"}))
    plain, predictions = (cross_validate(item, (0.4, 0.9), n_folds=4) for item in (library, demoted))
    for fold in range(4):
        held_out = predictions.folds == fold
        share = predictions.truth[~held_out, 4].mean()
        np.testing.assert_allclose(predictions.scores[held_out, 4], share, atol=1e-6)
        np.testing.assert_allclose(predictions.thresholds[:, fold, 4], [0.4, 0.9], atol=1e-6)
    np.testing.assert_array_equal(predictions.scores[:, :4], plain.scores[:, :4])
    assert np.ptp(plain.scores[:, 4]) > 0.1
    assert "1 tag is demoted, as found at the fit (tag0004): it scores its share of the tagged photos." in (
        predictions.notes
    )


def test_without_labelled_photos_there_is_nothing_to_validate() -> None:
    with pytest.raises(NotFittedError, match="no photo of the library is labelled"):
        cross_validate(made(n_labelled=0), (0.5,))
    with pytest.raises(PhotosError, match="tag more"):
        cross_validate(made(n_labelled=1), (0.5,))


def test_photos_labelled_in_part_are_learnt_from_and_not_scored() -> None:
    library = made()
    partial = np.arange(60) % 3 == 0
    seeds = replace(library.library.seeds, partial=partial)
    some = replace(library, library=replace(library.library, seeds=seeds))
    predictions = cross_validate(some, (0.5,), n_folds=3, random_state=1)
    assert len(predictions.truth) == len(predictions.scores) == len(predictions.folds) == 40
    np.testing.assert_array_equal(predictions.truth, seeds.matrix[~partial])
    right = predictions.truth[np.arange(40), predictions.scores.argmax(axis=1)]
    assert right.mean() > 0.6
    assert any("20 photos are labelled in part and not scored" in note for note in predictions.notes)
    none = replace(library, library=replace(library.library, seeds=replace(seeds, partial=partial | True)))
    with pytest.raises(NotFittedError, match="labelled in part"):
        cross_validate(none, (0.5,))
