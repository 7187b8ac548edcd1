"""Photos of which single tags were accepted or rejected: their other tags are unknown, not wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import label_ranking_average_precision_score

from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.tagging.partial_labels import weight_of_unnamed
from clustertags.types import Assignment, SeedTags
from tests.made.kinds import MadeLibrary, label_some, make_library


@pytest.fixture(scope="module")
def library() -> MadeLibrary:
    return make_library(several=True, seed=3)


def fit(library: MadeLibrary, seeds: SeedTags, *, all_known: bool = True) -> TagModel:
    return fit_tag_model(
        library.features, library.classifier, library.neighbours, library.clusters, seeds, all_known=all_known
    )


def predict(model: TagModel, library: MadeLibrary) -> TagScores:
    return model.predict(library.new_features, library.new_neighbours, library.new_places)


def predict_own(model: TagModel, library: MadeLibrary) -> np.ndarray:
    """Scores of the library's own photos."""
    labels = library.clusters.labels
    place = Assignment(labels, np.ones(len(labels), np.float32))
    return model.predict(library.features, library.neighbours, place).scores


def hide_one_each(seeds: SeedTags, seed: int = 0) -> SeedTags:
    """One of the two tags of each photo, the other hidden."""
    order = np.random.default_rng(seed).random(seeds.matrix.shape) * seeds.matrix
    return replace(seeds, matrix=np.arange(seeds.matrix.shape[1]) == order.argmax(axis=1)[:, None])


def in_part(seeds: SeedTags) -> SeedTags:
    return replace(seeds, partial=np.ones(seeds.n_labelled, bool))


def quality(library: MadeLibrary, scores: np.ndarray) -> float:
    return float(label_ranking_average_precision_score(library.new_truth, scores))


def test_without_photos_labelled_in_part_nothing_changes_by_a_bit(library: MadeLibrary) -> None:
    seeds = label_some(library, 60)
    flagged = replace(seeds, partial=np.zeros(60, bool), rejected=~seeds.matrix)
    for all_known in (True, False):
        plain, other = (fit(library, item, all_known=all_known) for item in (seeds, flagged))
        assert plain.to_json() == other.to_json()
        tensors = plain.to_tensors()
        assert tensors.keys() == other.to_tensors().keys()
        assert all(np.array_equal(tensors[name], value) for name, value in other.to_tensors().items())


def test_scores_stay_sensible_where_only_positives_are_known(library: MadeLibrary) -> None:
    """No label says what a photo lacks: scores neither rise to 1 nor stay at the one tag of each that is given."""
    half = hide_one_each(label_some(library, 120))
    as_wrong = predict(fit(library, half), library).scores
    scores = predict(fit(library, in_part(half)), library).scores
    assert as_wrong.sum(axis=1).mean() + 0.2 < scores.sum(axis=1).mean() < 2.5
    assert quality(library, scores) > 0.9


def test_accepting_one_tag_of_a_photo_says_nothing_against_its_others(library: MadeLibrary) -> None:
    kept = label_some(library, 100)
    looked_at = np.setdiff1d(np.arange(len(library.features)), kept.photos)[:5]
    before = predict_own(fit(library, kept), library)
    photos = np.union1d(kept.photos, looked_at).astype(np.int32)
    accepted = np.isin(photos, looked_at)
    matrix = np.where(accepted[:, None] & (np.arange(kept.matrix.shape[1]) >= 8), False, library.truth[photos])
    seeds = replace(kept, photos=photos, matrix=matrix)
    other = library.truth[looked_at] & (np.arange(matrix.shape[1]) >= 8)
    as_wrong = predict_own(fit(library, seeds), library)
    unknown = predict_own(fit(library, replace(seeds, partial=accepted)), library)
    was = before[looked_at][other].mean()
    assert as_wrong[looked_at][other].mean() < 0.8 * was, "else there is nothing to gain"
    assert unknown[looked_at][other].mean() > 0.95 * was


def test_a_rejected_tag_is_known_and_an_unnamed_one_is_between(library: MadeLibrary) -> None:
    half = hide_one_each(label_some(library, 60))
    rejected = np.zeros(half.matrix.shape, bool)
    rejected[:, 0] = ~half.matrix[:, 0]
    model = fit(library, replace(in_part(half), rejected=rejected))
    assert (model.labels[rejected] == 0).all()
    assert (model.labels[half.matrix] == 1).all()
    rest = model.labels[~rejected & ~half.matrix]
    assert (rest > 0).all() and (rest < 1).all()
    assert np.array_equal(model.stated, rejected | half.matrix)


def test_a_model_with_unknown_labels_predicts_the_same_when_it_is_saved_and_read(library: MadeLibrary) -> None:
    model = fit(library, in_part(hide_one_each(label_some(library, 60))))
    read = TagModel.from_saved(model.to_tensors(), model.to_json())
    assert np.array_equal(predict(read, library).scores, predict(model, library).scores)
    assert np.array_equal(read.stated, model.stated)


def test_photos_labelled_in_part_are_no_example_of_an_unknown_kind(library: MadeLibrary) -> None:
    """A hidden tag of such a photo may be one that the others carry."""
    half = hide_one_each(label_some(library, 60))
    known = [fit(library, seeds, all_known=False).known for seeds in (half, in_part(half))]
    assert known[0] is not None and known[1] is not None
    assert known[1].share > known[0].share, "every photo shows one of the tags"


@pytest.mark.parametrize(
    ("n_full", "n_partial", "expected"),
    [(0, 10, 0.5), (10, 10, 0.5), (1000, 1000, 0.5), (90, 10, 0.1), (10, 0, 0.0)],
)
def test_unnamed_tags_weigh_little_where_most_photos_are_labelled_in_full(
    n_full: int, n_partial: int, expected: float
) -> None:
    """Full labels of two tags and partial ones of one: half of the tags are named."""
    n = n_full + n_partial
    matrix = np.zeros((n, 2), bool)
    matrix[:, 0], matrix[:n_full, 1] = True, True
    seeds = SeedTags(("a", "b"), np.arange(n, dtype=np.int32), matrix, partial=np.arange(n) >= n_full)
    assert weight_of_unnamed(seeds) == pytest.approx(expected)


@pytest.mark.parametrize("n_labelled", [1, 2, 3])
def test_few_photos_all_labelled_in_part(library: MadeLibrary, n_labelled: int) -> None:
    scores = predict(fit(library, in_part(hide_one_each(label_some(library, n_labelled)))), library).scores
    assert np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1).all()
