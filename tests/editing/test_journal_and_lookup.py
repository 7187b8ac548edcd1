"""What is named on the command line is found, and the journal does and undoes what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustertags.editing import new_edits
from clustertags.editing.edits import Edit
from clustertags.editing.journal import Journal, append, append_redo, append_undo, read_journal
from clustertags.editing.matching import AnchorShares
from clustertags.editing.photo_lookup import find_cluster, find_photos
from clustertags.editing.regrouping import give_names
from clustertags.editing.replay import _in_vocabulary, apply_edits
from clustertags.editing.sentences import describe_edit
from clustertags.errors import UsageError
from clustertags.library.catalogue import Catalogue
from clustertags.tagging.top_tags import TopTags
from clustertags.types import ClusterDescription
from tests.made.fitted import content, journal_of, made_library, names, simple_library


def test_a_cluster_is_found_by_name_number_and_key() -> None:
    library = simple_library()
    assert [find_cluster(library, text) for text in ("NAME 2", "1", "0")] == [2, 1, 0]
    for unknown in ("3", "name", "-1", ""):
        with pytest.raises(UsageError, match="numbers are 0 to 2"):
            find_cluster(library, unknown)


def test_photos_are_found_by_hash_and_path_and_each_once() -> None:
    library = simple_library()
    assert find_photos(library, [content(3), "00001.jpg", "00003.jpg"]) == (3, 1)
    for unknown in (content(3)[:-1], "0" * 64, "3"):
        with pytest.raises(UsageError, match="is no photo of the library"):
            find_photos(library, ["00001.jpg", unknown])


def test_the_journal_undoes_and_redoes_in_order_and_forgets_what_another_edit_replaced(tmp_path: Path) -> None:
    library = simple_library()
    first, second, third = (new_edits.rename(library, 0, name) for name in ("one", "two", "three"))

    def in_force(catalogue: Catalogue) -> list[Edit]:
        return [entry.edit for entry in read_journal(catalogue).applied]

    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        with pytest.raises(UsageError, match="nothing to undo"):
            append_undo(catalogue)
        assert append(catalogue, first).edit == first
        assert append(catalogue, second).edit == second
        digest = read_journal(catalogue).digest
        assert append_undo(catalogue).edit == second
        assert append_undo(catalogue).edit == first
        assert in_force(catalogue) == []
        assert append_redo(catalogue).edit == first
        assert append_redo(catalogue).edit == second
        assert in_force(catalogue) == [first, second]
        assert read_journal(catalogue).digest == digest
        with pytest.raises(UsageError, match="nothing to redo"):
            append_redo(catalogue)
        append_undo(catalogue)
        append(catalogue, third)
        assert in_force(catalogue) == [first, third]
        with pytest.raises(UsageError, match="nothing to redo"):
            append_redo(catalogue)
        states = [(entry.edit, entry.state) for entry in read_journal(catalogue).entries]
        assert states == [(first, "applied"), (second, "dropped"), (third, "applied")]


@pytest.mark.parametrize(
    ("common", "sizes", "n_members", "best"),
    [
        ([5, 1], [10, 10], 10, 0),  # 5 of 15: a third
        ([49, 0], [100, 10], 98, None),  # 49 of 149
        ([0, 6], [10, 8], 10, 1),
        ([4, 4], [6, 6], 8, 0),
        ([0, 0], [0, 0], 0, None),
    ],
)
def test_a_cluster_is_known_again_from_a_third_of_the_photos_on(
    common: list[int], sizes: list[int], n_members: int, best: int | None
) -> None:
    shares = AnchorShares(np.array(common, float), np.array(sizes, float), n_members)
    assert shares.best() == best
    assert shares.within() == pytest.approx([c / max(size, 1) for c, size in zip(common, sizes, strict=True)])


def test_equal_names_get_numbers_and_those_of_a_person_come_first() -> None:
    automatic = [ClusterDescription(name, (), "tags", 0) for name in ("Dog", "dog", "dog", "cat")]
    given = [description.name for description in give_names(automatic, ["", "", "", "dog"])]
    assert given == ["Dog 2", "dog 3", "dog 4", "dog"]


def test_clusters_that_have_a_number_for_a_name_have_their_own() -> None:
    library = simple_library()
    numbered = tuple(
        replace(description, name=f"cluster {cluster}", source="number")
        for cluster, description in enumerate(library.descriptions)
    )
    library = replace(library, descriptions=numbered)
    view = apply_edits(library, journal_of([new_edits.hide_cluster(apply_edits(library, Journal()), 0)]))
    assert names(view) == ["cluster 0", "cluster 1"]
    assert {description.source for description in view.descriptions} == {"number"}


def test_a_merged_cluster_has_the_mean_stability_of_its_photos() -> None:
    library = apply_edits(simple_library(), Journal())
    before = library.clusters.stability
    view = apply_edits(library, journal_of([new_edits.merge(library, [1, 2])]))
    merged = view.clusters.labels[30]
    assert view.clusters.stability[merged] == pytest.approx((20 * before[1] + 10 * before[2]) / 30)


def test_the_largest_part_of_a_split_keeps_the_key() -> None:
    kinds = np.repeat([0, 1], [12, 8])
    library = apply_edits(made_library(np.zeros(20, int), kinds=kinds), Journal())
    view = apply_edits(library, journal_of([new_edits.split(library, 0, n_parts=2)]))
    assert view.cluster_sizes().tolist() == [12, 8]
    assert view.cluster_keys[view.clusters.labels[0]] == library.cluster_keys[0]


def test_of_photos_that_are_gone_an_edit_says_how_many() -> None:
    library = simple_library()
    edit = new_edits.move(library, [0, 1, 2], 2)
    again = made_library(np.repeat([0, 1, 2], [28, 20, 10]), numbers=np.arange(2, 60))
    view = apply_edits(again, journal_of([edit]))
    assert view.clusters.labels[0] == view.clusters.labels[50]
    (notice,) = view.edit_notices
    assert notice.endswith("2 photos are not in the library")


def test_a_name_keeps_its_joiners_and_refuses_what_cannot_be_seen() -> None:
    library = simple_library()
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert new_edits.rename(library, 0, family).name == family
    for name in ("a\u200bb", "a\ud800b", "a\ue000b", "a\u2028b"):
        with pytest.raises(UsageError, match="invisible"):
            new_edits.rename(library, 0, name)


def test_top_tags_follow_the_vocabulary_and_lose_what_it_lacks() -> None:
    scores = np.array([[0.9, 0.8], [0.7, 0.0]], np.float32)
    top = TopTags.without_shares(np.array([[0, 1], [1, -1]], np.int32), scores)
    assert _in_vocabulary(top, ("Cat", "dog"), ("Cat", "dog")) is top
    moved = _in_vocabulary(top, ("Cat", "dog"), ("dog", "eel", "cat"))
    assert moved.tags.tolist() == [[2, 0], [0, -1]]
    assert np.array_equal(moved.scores, scores)
    without_cat = _in_vocabulary(top, ("Cat", "dog"), ("dog",))
    assert without_cat.tags.tolist() == [[0, -1], [0, -1]]
    assert without_cat.scores.tolist() == [[pytest.approx(0.8), 0], [pytest.approx(0.7), 0]]


@pytest.mark.parametrize(("photos", "sentence"), [([0], "from its cluster"), ([0, 1], "from their clusters")])
def test_one_photo_and_several_in_words(photos: list[int], sentence: str) -> None:
    assert describe_edit(new_edits.move(simple_library(), photos, None)).endswith(sentence)
