"""Which photos to tag next, of a library in use: who may be among them, in which order, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustertags.editing import new_edits
from clustertags.editing.replay import apply_edits
from clustertags.errors import DamagedError, NotFittedError
from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.tagging.suggestion import PhotoSimilarities
from clustertags.tagging.top_tags import TopTags
from clustertags.types import Photo, SeedTags
from clustertags.workflows.edit import Editor
from clustertags.workflows.suggest import BEST_TAGS, PhotoToTag, photo_similarities_of, suggest, suggest_among
from tests.made.features import as_features
from tests.made.fitted import content, half_known_library, journal_of, simple_library
from tests.made.published import learnt

N = 65
LABELLED = {0, 1, 30, 31, 50, 51}


def photos_of(found: tuple[PhotoToTag, ...]) -> list[int]:
    return [item.photo for item in found]


def all_alike(n: int = N) -> PhotoSimilarities:
    return PhotoSimilarities(np.arange(n), np.ones((n, n), np.float32), n)


def none_alike(n: int = N) -> PhotoSimilarities:
    return PhotoSimilarities(np.arange(n), np.eye(n, dtype=np.float32), n)


def without_tags(library: FittedLibrary) -> FittedLibrary:
    seeds = SeedTags((), np.zeros(0, np.int32), np.zeros((0, 0), np.bool_))
    described = tuple(replace(item, n_labelled=0) for item in library.descriptions)
    return replace(library, seeds=seeds, top_tags=TopTags.none(library.n_photos), descriptions=described)


def test_every_photo_without_tags_and_no_other_can_be_suggested(folder: Path) -> None:
    found = suggest(folder, n_wanted=1000)
    assert set(photos_of(found.photos)) == set(range(N)) - LABELLED
    assert len(found.photos) == found.n_unlabelled == N - len(LABELLED)
    for item in found.photos:
        assert item.path == f"{item.photo:05d}.jpg"
        assert item.suggestion.photo == item.photo
        assert item.best_tags == found.library.tags_of(item.photo)[:BEST_TAGS]
    named = {item.photo: item.cluster for item in found.photos}
    assert (named[2], named[40], named[55], named[60]) == ("kind0", "kind1", "kind2", "")


@pytest.mark.parametrize("n_wanted", [0, 1, 7])
def test_as_many_as_wanted_the_best_first_and_the_same_every_time(folder: Path, n_wanted: int) -> None:
    found = suggest(folder, n_wanted=n_wanted)
    assert len(found.photos) == n_wanted
    assert suggest(folder, n_wanted=n_wanted).photos == found.photos
    assert photos_of(suggest(folder, n_wanted=12).photos)[:n_wanted] == photos_of(found.photos)
    gains = [item.suggestion.gain for item in found.photos]
    assert gains == sorted(gains, reverse=True)


def test_equal_photos_come_in_their_order() -> None:
    found = suggest_among(simple_library(), none_alike(), 4)
    assert photos_of(found.photos) == [2, 3, 4, 5]


def test_hidden_photos_are_never_suggested(folder: Path) -> None:
    editor = Editor(folder)
    hidden = [2, 3, 33, 60]
    editor.do(new_edits.hide_photos(editor.library, hidden))
    likeness = photo_similarities_of(Artifacts(folder), editor.version, editor.library)
    waiting = suggest_among(editor.library, likeness, 1000)
    editor.publish()
    for found in (waiting, suggest(folder, n_wanted=1000)):
        assert set(photos_of(found.photos)) == set(range(N)) - LABELLED - set(hidden)
        assert found.n_unlabelled == len(found.photos)


def test_a_photo_that_was_tagged_since_is_no_longer_suggested(folder: Path) -> None:
    editor = Editor(folder)
    (first, *_) = photos_of(suggest(folder, n_wanted=1).photos)
    editor.do(new_edits.give_tags(editor.library, [first], ["sunset"]))
    editor.publish()
    found = suggest(folder, n_wanted=1000)
    assert first not in photos_of(found.photos)
    assert len(found.photos) == N - len(LABELLED) - 1


def test_where_all_are_tagged_nothing_is_suggested_and_nothing_compared(folder: Path) -> None:
    editor = Editor(folder)
    editor.do(new_edits.give_tags(editor.library, range(N), ["seen"]))
    editor.publish()
    Artifacts(folder).catalogue.unlink()
    found = suggest(folder)
    assert (found.photos, found.n_unlabelled) == ((), 0)
    assert found.library.n_photos == N


def test_where_the_rest_is_hidden_nothing_is_suggested(folder: Path) -> None:
    editor = Editor(folder)
    editor.do(new_edits.hide_photos(editor.library, sorted(set(range(N)) - LABELLED)))
    editor.publish()
    found = suggest(folder)
    assert (found.photos, found.n_unlabelled) == ((), 0)


def test_a_name_that_no_file_can_hold_is_not_suggested_unless_the_photo_has_another() -> None:
    library = simple_library()
    photos = list(library.photos)
    photos[2] = Photo(content(2), ("\udcff.jpg",))
    photos[3] = Photo(content(3), ("\udcfe.jpg", "copy of 3.jpg"))
    found = suggest_among(replace(library, photos=tuple(photos)), none_alike(), 1000)
    assert 2 not in photos_of(found.photos)
    assert {item.path for item in found.photos if item.photo == 3} == {"copy of 3.jpg"}
    assert len(found.photos) == N - len(LABELLED) - 1
    assert found.n_unlabelled == N - len(LABELLED), "it has no tags all the same"
    assert found.n_unnameable == 1


def test_the_reason_of_a_photo_like_no_other() -> None:
    (found,) = suggest_among(simple_library(), none_alike(), 1).photos
    assert found.reason == "represents itself alone, whose best tag is now 90% sure"


def test_the_reason_counts_the_photos_that_are_like_it() -> None:
    library = simple_library()
    (found,) = suggest_among(without_tags(library), all_alike(), 1).photos
    assert found.reason == "represents about 64 similar photos; none of its cluster of 30 is tagged"
    pair = np.eye(N, dtype=np.float32)
    pair[60, 61] = pair[61, 60] = 1
    (found,) = suggest_among(without_tags(library), PhotoSimilarities(np.arange(N), pair, N), 1).photos
    assert (found.photo, found.cluster) == (60, "")
    assert found.suggestion.n_alike == 1
    assert found.reason == "represents about 1 similar photo"


def test_a_cluster_without_tags_is_told_with_its_size() -> None:
    library = simple_library()
    described = (library.descriptions[0], replace(library.descriptions[1], n_labelled=0), library.descriptions[2])
    found = {
        item.photo: item.reason
        for item in suggest_among(replace(library, descriptions=described), none_alike(), N).photos
    }
    assert found[32] == "represents itself alone, whose best tag is now 90% sure; none of its cluster of 20 is tagged"
    assert all(("none of its cluster" in reason) == (30 <= photo < 50) for photo, reason in found.items())


def test_the_largest_groups_that_no_tag_names_come_first_and_say_so() -> None:
    made = half_known_library()
    library = learnt(made, as_features(made.space))
    kinds = np.repeat(np.arange(6), [70, 60, 50, 40, 40, 40])
    alike = PhotoSimilarities(np.arange(300), (kinds[:, None] == kinds).astype(np.float32), 300)
    first, second = suggest_among(library, alike, 2).photos
    assert (int(kinds[first.photo]), int(kinds[second.photo])) == (1, 2)
    assert first.reason == "stands for about 59 photos that no tag names; none of its cluster of 60 is tagged"
    for item in suggest_among(library, none_alike(300), 300).photos:
        assert ("no tag names" in item.reason) == (item.suggestion.unnamed >= 0.5)
        assert "no tag names" in item.reason or kinds[item.photo] not in (1, 2)


def test_what_no_other_photo_shows_either() -> None:
    made = half_known_library()
    found = suggest_among(learnt(made, as_features(made.space)), none_alike(300), 1).photos
    assert found[0].reason.startswith("shows something that no tag names")


def test_without_any_tag_every_photo_may_be_suggested_and_none_has_tags() -> None:
    found = suggest_among(without_tags(simple_library()), none_alike(), 1000)
    assert set(photos_of(found.photos)) == set(range(N))
    assert {item.best_tags for item in found.photos} == {()}
    assert {item.suggestion.confidence for item in found.photos} == {None}


def test_likeness_is_that_of_the_features_and_edits_change_none_of_it(folder: Path) -> None:
    version = Artifacts(folder).current()
    library = load_library(version)
    likeness = photo_similarities_of(Artifacts(folder), version, library)
    kinds = np.repeat([0, 1, 2, 0], [30, 20, 10, 5])
    same = kinds[:, None] == kinds
    assert likeness.values[same].mean() > likeness.values[~same].mean() + 0.3
    edited = apply_edits(library, journal_of([new_edits.merge(library, [0, 1])]))
    np.testing.assert_array_equal(photo_similarities_of(Artifacts(folder), version, edited).values, likeness.values)


def test_what_is_missing_is_one_clear_error(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="clustertags fit"):
        suggest(tmp_path / "nowhere")
    Artifacts(folder).catalogue.unlink()
    with pytest.raises(DamagedError, match=r"library\.sqlite is missing: run `clustertags fit` again"):
        suggest(folder)
