"""Which photos to tag next: promises of the choice itself, on made mixtures."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.labels.recorded_labels import add_labels, remove_labels
from clustertags.tagging import suggestion
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.tagging.suggestion import Certainty, PhotoSimilarities, measure_similarities, suggest_photos
from clustertags.tagging.top_tags import top_tags
from clustertags.types import Neighbours, Photo, SeedTags
from tests.made.clusters import clusters_of
from tests.made.kinds import MadeLibrary, columns, make_library, seeds_of

NONE = np.zeros(0, np.int32)


def photo_similarities_of(library: MadeLibrary, labelled: np.ndarray = NONE) -> PhotoSimilarities:
    return measure_similarities(library.features, library.neighbours, library.classifier, labelled)


@pytest.fixture(scope="module")
def library() -> MadeLibrary:
    return make_library(spread=0.8)


@pytest.fixture(scope="module")
def likeness(library: MadeLibrary) -> PhotoSimilarities:
    return photo_similarities_of(library)


def kinds(library: MadeLibrary, photos: list[int]) -> list[int]:
    return library.truth[photos].argmax(axis=1).tolist()


def test_the_first_batch_has_one_photo_of_each_kind(library: MadeLibrary, likeness: PhotoSimilarities) -> None:
    chosen = [item.photo for item in suggest_photos(likeness, NONE, None, 8)]
    assert sorted(kinds(library, chosen)) == list(range(8))


def test_it_is_the_same_every_time_and_a_larger_batch_begins_like_a_smaller_one(
    library: MadeLibrary, likeness: PhotoSimilarities
) -> None:
    few = suggest_photos(likeness, NONE, None, 5)
    assert suggest_photos(photo_similarities_of(library), NONE, None, 5) == few
    more = suggest_photos(likeness, NONE, None, 9)
    assert [item.photo for item in more[:5]] == [item.photo for item in few]


def test_what_is_labelled_is_never_suggested_nor_what_is_like_it(
    library: MadeLibrary, likeness: PhotoSimilarities
) -> None:
    labelled = np.flatnonzero(library.truth[:, :5].any(axis=1)).astype(np.int32)
    chosen = [item.photo for item in suggest_photos(likeness, labelled, None, 3)]
    assert not set(chosen) & set(labelled.tolist())
    assert sorted(kinds(library, chosen)) == [5, 6, 7], "the three kinds that nobody labelled"


def test_a_suggestion_counts_the_photos_that_it_represents(library: MadeLibrary, likeness: PhotoSimilarities) -> None:
    found = suggest_photos(likeness, NONE, None, 8)
    sizes = library.truth.sum(axis=0)
    for item in found:
        size = sizes[kinds(library, [item.photo])[0]]
        assert 0.6 * size <= item.n_alike <= 1.4 * size
    assert sum(item.n_alike + 1 for item in found) <= len(library.features)
    assert all(item.confidence is None for item in found)
    gains = [item.gain for item in found]
    assert gains == sorted(gains, reverse=True)


def test_photos_in_the_same_surroundings_are_alike_whatever_they_show(library: MadeLibrary) -> None:
    same = np.flatnonzero(library.truth[:, 0])[:5]
    shape = (len(library.features), 5)
    around = Neighbours(np.tile(same, (shape[0], 1)).astype(np.int32), np.full(shape, 0.9, np.float32))
    likeness = measure_similarities(library.features, around, None, NONE)
    assert likeness.values.min() > 0.6


def test_doubt_draws_the_choice(library: MadeLibrary, likeness: PhotoSimilarities) -> None:
    doubtful = library.truth[:, 3]
    certainty = Certainty(
        np.where(doubtful, 0.2, 0.99).astype(np.float32),
        np.where(doubtful, 0.5, 0.01).astype(np.float32),
        np.zeros(len(doubtful), np.float32),
    )
    first = suggest_photos(likeness, NONE, certainty, 1)[0]
    assert kinds(library, [first.photo]) == [3]
    assert first.confidence is not None
    assert first.confidence < 0.4
    assert first.n_alike < 0.5 * len(library.features), "one photo does not speak for those unlike it"


def test_a_large_group_that_no_tag_names_comes_first(library: MadeLibrary, likeness: PhotoSimilarities) -> None:
    unnamed = library.truth[:, [2, 6]].any(axis=1)
    scores = np.where(unnamed, 0.02, 0.5)[:, None]
    certainty = Certainty.of(top_tags(scores.astype(np.float32)), np.where(unnamed, 0.95, 0.1))
    found = suggest_photos(likeness, NONE, certainty, 8)
    assert sorted(kinds(library, [item.photo for item in found[:2]])) == [2, 6]
    assert [item.unnamed > 0.8 for item in found] == [True, True, *[False] * 6]
    sizes = library.truth.sum(axis=0)[kinds(library, [item.photo for item in found[:2]])]
    assert np.all(np.abs([item.n_alike for item in found[:2]] - sizes) <= 0.4 * sizes)
    sure = Certainty.of(top_tags(scores.astype(np.float32)))
    first = suggest_photos(likeness, NONE, sure, 2)
    assert not {2, 6} & set(kinds(library, [item.photo for item in first])), "else nobody would be asked about them"
    assert {item.unnamed for item in first} == {0.0}


def test_all_labelled_or_none_eligible_suggests_nothing(library: MadeLibrary, likeness: PhotoSimilarities) -> None:
    everyone = np.arange(len(library.features), dtype=np.int32)
    assert suggest_photos(likeness, everyone, None, 5) == ()
    assert suggest_photos(likeness, NONE, None, 5, eligible=np.zeros(len(everyone), bool)) == ()
    left = suggest_photos(likeness, everyone[1:], None, 5)
    assert [item.photo for item in left] == [0], "fewer than asked for where fewer are left"


def test_a_large_library_is_sampled(library: MadeLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestion, "MAX_COMPARED", 120)
    labelled = np.flatnonzero(library.truth[:, 0])[:20].astype(np.int32)
    likeness = photo_similarities_of(library, labelled)
    assert likeness.values.shape == (120, 120)
    assert set(labelled.tolist()) <= set(likeness.photos.tolist())
    found = suggest_photos(likeness, labelled, None, 7)
    assert len(set(kinds(library, [item.photo for item in found]))) >= 6
    assert np.mean([item.n_alike for item in found]) > 25, "counted over the whole library"


def accuracy(library: MadeLibrary, photos: list[int]) -> float:
    chosen = np.array(sorted(photos))
    seeds = seeds_of(chosen, library.truth[chosen])
    clusters = clusters_of(np.full(len(library.features), -1))
    model = fit_tag_model(library.features, library.classifier, library.neighbours, clusters, seeds)
    scores = model.predict(library.new_features, library.new_neighbours, library.new_places_nowhere()).scores
    return float(library.new_truth[np.arange(len(scores)), columns(seeds)[scores.argmax(axis=1)]].mean())


def test_it_beats_chance_on_a_mixture() -> None:
    gains = []
    for seed in range(2):
        library = make_library(n=300, n_new=200, n_kinds=12, spread=1.2, seed=seed)
        chosen = [item.photo for item in suggest_photos(photo_similarities_of(library), NONE, None, 12)]
        drawn = [np.random.default_rng(at).permutation(300)[:12].tolist() for at in range(2)]
        gains.append(accuracy(library, chosen) - np.mean([accuracy(library, photos) for photos in drawn]))
    assert np.mean(gains) > 0.1


def test_certainty_is_read_from_the_best_tags() -> None:
    certainty = Certainty.of(top_tags(np.array([[0.5, 0.0], [0.1, 0.9]], np.float32)))
    assert certainty is not None
    assert certainty.confidence.tolist() == pytest.approx([0.5, 0.9])
    assert certainty.variance.tolist() == pytest.approx([0.25, 0.18])
    assert certainty.unnamed.tolist() == [0, 0]
    assert Certainty.of(top_tags(np.zeros((3, 0), np.float32))) is None
    unnamed = Certainty.of(top_tags(np.array([[0.5, 0.0], [0.1, 0.9]], np.float32)), np.array([0.0, 0.9]))
    assert unnamed is not None
    assert unnamed.variance.tolist() == pytest.approx([0.25, 1.08])


def test_answers_count_in_addition_and_can_be_taken_away_again() -> None:
    photos = tuple(Photo(name, (f"{name}.jpg",)) for name in ("aa", "bb", "cc"))
    seeds = SeedTags(("Cat",), np.array([0], np.int32), np.array([[True]]))
    united = add_labels(seeds, photos, {"aa": ("#dog",), "cc": ("CAT", " "), "elsewhere": ("x",), "bb": ("",)})
    assert united.vocabulary == ("Cat", "dog")
    assert united.photos.tolist() == [0, 2]
    assert united.matrix.tolist() == [[True, True], [True, False]]
    assert "2 photos" in united.notices[-1]
    again = remove_labels(united, photos, {"aa": ("dog",), "cc": ("cat",)})
    assert (again.vocabulary, again.photos.tolist(), again.matrix.tolist()) == (("Cat",), [0], [[True]])
    assert add_labels(seeds, photos, {}) is seeds


def test_a_backbone_without_a_classifier_will_do(library: MadeLibrary) -> None:
    likeness = measure_similarities(library.features, library.neighbours, None, NONE)
    assert len(suggest_photos(likeness, NONE, None, 4)) == 4
