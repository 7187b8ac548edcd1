from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustertags.editing import new_edits
from clustertags.editing.edits import Edit, Hide, LabelPhotos, from_json, kind_of, to_json
from clustertags.editing.journal import Journal
from clustertags.editing.replay import apply_edits
from clustertags.errors import UsageError
from clustertags.labels.rules import Rules
from clustertags.library.model import FittedLibrary
from clustertags.types import UNCLUSTERED, SeedTags
from tests.made.fitted import content, journal_of, made_library, names, simple_library

Make = Callable[[FittedLibrary], Edit]


def after(library: FittedLibrary, *makes: Make) -> FittedLibrary:
    """The library after edits, each made from what the one before left."""
    edits: list[Edit] = []
    view = library
    for make in makes:
        edits.append(make(view))
        view = apply_edits(library, journal_of(edits))
    return view


def assert_alike(left: object, right: object, where: str = "library") -> None:
    """The same in every field, arrays by their values."""
    if isinstance(left, np.ndarray):
        assert np.array_equal(left, right), where
    elif hasattr(left, "__dataclass_fields__"):
        for item in fields(left):  # type: ignore[arg-type]
            assert_alike(getattr(left, item.name), getattr(right, item.name), f"{where}.{item.name}")
    else:
        assert left == right, where


def test_no_edit_changes_nothing_but_keys() -> None:
    library = simple_library()
    view = apply_edits(library, Journal())
    assert len(set(view.cluster_keys)) == 3
    assert_alike(replace(view, cluster_keys=()), library)


def test_a_name_that_the_person_gave_stands_and_can_be_taken_back() -> None:
    library = simple_library()
    view = after(library, lambda lib: new_edits.rename(lib, 1, "  Rex "))
    assert names(view) == ["name 0", "Rex", "name 2"]
    assert view.descriptions[1].source == "person"
    back = after(library, lambda lib: new_edits.rename(lib, 1, "Rex"), lambda lib: new_edits.rename(lib, 1, ""))
    assert names(back) == ["name 0", "name 1", "name 2"]


def test_merged_clusters_are_one_with_the_name_key_and_tags_of_both() -> None:
    library = apply_edits(simple_library(), Journal())
    view = after(library, lambda lib: new_edits.rename(lib, 2, "Rex"), lambda lib: new_edits.merge(lib, [2, 1]))
    assert view.cluster_sizes().tolist() == [30, 30]
    merged = names(view).index("Rex")
    assert view.cluster_keys[merged] == library.cluster_keys[2]
    assert set(view.clusters.members(merged).tolist()) == set(range(30, 60))
    assert {tag for tag, _ in view.descriptions[merged].tags} == {"kind1", "kind2"}
    assert view.clusters.medoids[merged] in view.clusters.members(merged)


def test_moved_gathered_and_hidden_photos_are_where_they_were_put() -> None:
    library = simple_library()
    view = after(
        library,
        lambda lib: new_edits.move(lib, [0, 60], 2),
        lambda lib: new_edits.move(lib, [1], None),
        lambda lib: new_edits.gather(lib, [2, 3, 4, 5], "mine"),
        lambda lib: new_edits.hide_photos(lib, [6, 7]),
    )
    labels = view.clusters.labels
    assert labels[0] == labels[60] == labels[50]
    assert view.clusters.probabilities[60] == 1
    assert not view.clusters.noise[60]
    assert labels[1] == UNCLUSTERED
    assert view.clusters.members(names(view).index("mine")).tolist() == [2, 3, 4, 5]
    assert view.hidden.tolist() == [6, 7]
    assert (labels[[6, 7]] == UNCLUSTERED).all()
    assert view.tags_of(6) == ()
    assert view.n_unclustered == 5
    assert view.edit_notices == ()


def test_hidden_photos_come_back_to_their_cluster_and_a_hidden_cluster_is_gone() -> None:
    library = simple_library()
    gone = after(library, lambda lib: new_edits.hide_cluster(lib, 1))
    assert names(gone) == ["name 0", "name 2"]
    assert gone.seeds.n_labelled == 4, "what is hidden teaches no tag"
    back = after(
        library, lambda lib: new_edits.hide_cluster(lib, 1), lambda lib: new_edits.show_photos(lib, range(30, 50))
    )
    assert np.array_equal(back.clusters.labels, library.clusters.labels)
    assert back.seeds.n_labelled == 6


def test_a_split_takes_apart_what_lies_apart() -> None:
    kinds = np.repeat([0, 1, 2], [25, 20, 15])
    library = made_library(np.zeros(60, int), kinds=kinds)
    view = after(library, lambda lib: new_edits.rename(lib, 0, "all"), lambda lib: new_edits.split(lib, 0))
    assert view.clusters.n_clusters >= 2
    assert view.clusters.n_unclustered == 0
    assert "all" not in names(view)
    for own in map(view.clusters.members, range(view.clusters.n_clusters)):
        assert len(set(kinds[own].tolist())) == 1, "no part holds two kinds"
    assert len(set(view.cluster_keys)) == view.clusters.n_clusters


@pytest.mark.parametrize("n", [2, 3, 10])
def test_tiny_clusters_split_in_two(n: int) -> None:
    library = made_library(np.zeros(n, int), kinds=np.arange(n) % 2)
    assert after(library, lambda lib: new_edits.split(lib, 0)).clusters.n_clusters == 2


def test_tags_are_given_rejected_and_withdrawn() -> None:
    library = simple_library()
    view = after(library, lambda lib: new_edits.give_tags(lib, [9, 31], ["#Dog"]))
    assert view.seed_tags_of(9) == ("Dog",)
    assert [tag for tag, _ in view.tags_of(9)] == ["kind0", "kind1"], "the model's own, in the new vocabulary"
    rejected = after(
        library,
        lambda lib: new_edits.give_tags(lib, [9], ["dog"]),
        lambda lib: new_edits.reject_tags(lib, [0, 9], ["KIND0"]),
    )
    assert rejected.seed_tags_of(0) == ()
    assert rejected.seed_tags_of(9) == ("dog",)
    assert [tag for tag, _ in rejected.tags_of(9)] == ["kind1"], "rejected for this photo"
    assert [tag for tag, _ in rejected.tags_of(8)] == ["kind0", "kind1"], "and for no other"
    assert rejected.rejected == {content(0): ("kind0",), content(9): ("kind0",)}
    withdrawn = after(
        library,
        lambda lib: new_edits.reject_tags(lib, [9], ["kind0"]),
        lambda lib: new_edits.withdraw_tags(lib, [0, 9], ["kind0"]),
    )
    assert withdrawn.rejected == {}
    assert withdrawn.seed_tags_of(0) == ()
    assert [tag for tag, _ in withdrawn.tags_of(9)] == ["kind0", "kind1"]


def test_an_answer_takes_the_place_of_an_earlier_one_and_of_nothing_else() -> None:
    library = simple_library()
    view = after(
        library,
        lambda lib: new_edits.give_tags(lib, [0], ["mine"]),
        lambda lib: new_edits.label_photos(lib, {0: ["wrong", "kind0"]}),
        lambda lib: new_edits.label_photos(lib, {0: ["right"]}),
    )
    assert set(view.seed_tags_of(0)) == {"kind0", "mine", "right"}


def refit(library: FittedLibrary, labels: np.ndarray, numbers: np.ndarray, kinds: np.ndarray) -> FittedLibrary:
    assert len(labels) == len(numbers)
    return made_library(labels, numbers=numbers, kinds=kinds)


def test_edits_find_their_clusters_after_a_refit_with_photos_added_and_gone() -> None:
    library = simple_library()
    edits: list[Edit] = []
    view = library
    steps: tuple[Make, ...] = (
        lambda lib: new_edits.rename(lib, 0, "Rex"),
        lambda lib: new_edits.merge(lib, [1, 2], "both"),
        lambda lib: new_edits.move(lib, [0], names(lib).index("both")),
    )
    for make in steps:
        edits.append(make(view))
        view = apply_edits(library, journal_of(edits))
    # A tenth is gone, clusters differ by a few photos, and twice as many photos came as there were.
    numbers = np.concatenate([np.delete(np.arange(65), [5, 35, 55]), np.arange(100, 220)])
    old = np.repeat([0, 1, 2, UNCLUSTERED], [30, 20, 10, 5])
    kinds = np.concatenate([np.maximum(np.delete(old, [5, 35, 55]), 0), np.repeat([0, 1, 2, 3], 30)])
    labels = kinds.copy()
    labels[[3, 40]] = [1, UNCLUSTERED]
    again = refit(library, labels, numbers, kinds)
    joined = {content(number): 3 for number in range(100, 220)}
    replayed = apply_edits(again, journal_of(edits, joined=joined))
    assert replayed.edit_notices == ()
    index = {photo.content_hash: at for at, photo in enumerate(replayed.photos)}
    both, rex = names(replayed).index("both"), names(replayed).index("Rex")
    label = {number: int(replayed.clusters.labels[index[content(number)]]) for number in numbers.tolist()}
    assert {label[30], label[50], label[0], label[130], label[160]} == {both}
    assert {label[1], label[100]} == {rex}
    assert label[190] not in {both, rex}


def test_a_split_holds_after_a_refit_that_joins_its_parts() -> None:
    kinds = np.repeat([0, 1, 2], [25, 20, 15])
    library = made_library(np.where(kinds == 2, 1, 0), kinds=kinds)
    edit = new_edits.split(library, 0, n_parts=2)
    numbers = np.concatenate([np.arange(60), [100, 101]])
    more = np.concatenate([kinds, [0, 1]])
    again = made_library(np.where(more == 2, 1, 0), numbers=numbers, kinds=more)
    view = apply_edits(again, journal_of([edit], joined={content(100): 1, content(101): 1}))
    assert view.edit_notices == ()
    labels = view.clusters.labels
    assert labels[0] == labels[60] != labels[30] == labels[61]
    assert view.clusters.n_clusters == 3


def test_a_hidden_cluster_hides_what_a_refit_adds_to_it() -> None:
    library = simple_library()
    edit = new_edits.hide_cluster(library, 2)
    kinds = np.concatenate([np.maximum(np.repeat([0, 1, 2, -1], [30, 20, 10, 5]), 0), [2, 2, 0]])
    numbers = np.concatenate([np.arange(65), [100, 101, 102]])
    joined = {content(number): 1 for number in (100, 101, 102)}
    view = apply_edits(made_library(kinds, numbers=numbers, kinds=kinds), journal_of([edit], joined=joined))
    assert view.hidden.tolist() == [*range(50, 60), 65, 66]


def test_what_cannot_be_placed_is_one_line_each() -> None:
    library = simple_library()
    edits: list[Edit] = [
        new_edits.rename(library, 2, "line\u202ebreak".replace("\u202e", "")),
        new_edits.move(library, [0, 1], 2),
        new_edits.merge(library, [1, 2]),
        new_edits.split(library, 2),
        new_edits.give_tags(library, [50], ["x"]),
    ]
    numbers = np.concatenate([np.arange(1, 50), np.arange(100, 110)])
    kinds = np.repeat([0, 1, 2], [29, 20, 10])
    again = made_library(kinds, numbers=numbers, kinds=kinds)
    joined = {content(number): 5 for number in range(100, 110)}
    view = apply_edits(again, journal_of(edits, joined=joined))
    assert [notice.split()[1] for notice in view.edit_notices] == ["1", "2", "3", "4", "5"]
    assert all("\n" not in notice for notice in view.edit_notices)
    assert np.array_equal(view.clusters.labels, again.clusters.labels)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda lib: new_edits.rename(lib, 3, "x"), "there is no cluster 3: clusters are numbered 0 to 2"),
        (lambda lib: new_edits.rename(lib, -1, "x"), "no cluster -1"),
        (lambda lib: new_edits.rename(lib, 0, "  "), "empty"),
        (lambda lib: new_edits.rename(lib, 0, "x" * 101), "at most 100"),
        (lambda lib: new_edits.rename(lib, 0, "a\x1b[31m"), "control"),
        (lambda lib: new_edits.rename(lib, 0, "a\u202eb"), "control"),
        (lambda lib: new_edits.rename(lib, 0, "a\nb"), "control"),
        (lambda lib: new_edits.rename(lib, 0, "NAME 1"), "is called NAME 1 already"),
        (lambda lib: new_edits.merge(lib, [1, 1]), "two clusters or more"),
        (lambda lib: new_edits.merge(lib, [1, 7]), "no cluster 7"),
        (lambda lib: new_edits.move(lib, [], 0), "no photo"),
        (lambda lib: new_edits.move(lib, [65], 0), "no photo 65"),
        (lambda lib: new_edits.show_photos(lib, [1]), "00001.jpg is not hidden"),
        (lambda lib: new_edits.give_tags(lib, [1], []), "no tag"),
        (lambda lib: new_edits.give_tags(lib, [1], ["#"]), "is no tag"),
        (lambda lib: new_edits.give_tags(lib, [1], ["a\x00b"]), "control"),
        (lambda lib: new_edits.reject_tags(lib, [1], ["x" * 101]), "1 to 100"),
        (lambda lib: new_edits.split(lib, 0, n_parts=31), "31 parts"),
        (lambda lib: new_edits.split(lib, 0, n_parts=1), "1 parts"),
    ],
)
def test_what_cannot_be_is_refused(make: Make, why: str) -> None:
    with pytest.raises(UsageError) as refusal:
        make(simple_library())
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "\x1b" not in str(refusal.value)


def test_photos_that_are_all_alike_are_not_split() -> None:
    library = made_library(np.zeros(20, int))
    alike = replace(library, space=np.repeat(library.space[:1], 20, axis=0))
    with pytest.raises(UsageError, match="alike"):
        new_edits.split(alike, 0)


def unused_name(library: FittedLibrary, number: int) -> str:
    """A name with this number, or the next one that is free: a name that another cluster has is refused."""
    taken = {description.name for description in library.descriptions}
    return next(name for at in count(number) if (name := f"given {at}") not in taken)


@st.composite
def some_edit(draw: st.DrawFn, library: FittedLibrary) -> Edit:
    photos = draw(st.lists(st.integers(0, library.n_photos - 1), min_size=1, max_size=8))
    n = library.clusters.n_clusters
    tags = draw(st.lists(st.sampled_from(["kind0", "kind1", "Dog", "été"]), min_size=1, max_size=2))
    choices: list[Callable[[], Edit]] = [
        lambda: new_edits.move(library, photos, None),
        lambda: new_edits.gather(library, photos),
        lambda: new_edits.hide_photos(library, photos),
        lambda: new_edits.give_tags(library, photos, tags),
        lambda: new_edits.reject_tags(library, photos, tags),
        lambda: new_edits.withdraw_tags(library, photos, tags),
        lambda: new_edits.label_photos(library, dict.fromkeys(photos, tags)),
    ]
    if n:
        cluster = draw(st.integers(0, n - 1))
        choices += [
            lambda: new_edits.rename(library, cluster, unused_name(library, draw(st.integers(0, 10**6)))),
            lambda: new_edits.rename(library, cluster, ""),
            lambda: new_edits.move(library, photos, cluster),
            lambda: new_edits.hide_cluster(library, cluster),
        ]
        if library.cluster_sizes()[cluster] >= 2:
            choices.append(lambda: new_edits.split(library, cluster, n_parts=2))
    if n > 1:
        pair = draw(st.lists(st.integers(0, n - 1), min_size=2, max_size=3, unique=True))
        choices.append(lambda: new_edits.merge(library, pair))
    if len(library.hidden):
        choices.append(lambda: new_edits.show_photos(library, library.hidden.tolist()[:3]))
    return draw(st.sampled_from(choices))()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_edits_then_all_undone_are_the_start(data: st.DataObject) -> None:
    library = apply_edits(simple_library(), Journal())
    edits: list[Edit] = []
    views = [library]
    for _ in range(data.draw(st.integers(1, 6))):
        edit = data.draw(some_edit(views[-1]))
        again = from_json(kind_of(edit), to_json(edit))
        assert again == edit
        edits.append(again)
        # Applied to what the last edit left, or to the fit's own library: the same.
        views.append(apply_edits(views[-1], journal_of(edits)))
        fresh = apply_edits(library, journal_of(edits))
        assert np.array_equal(views[-1].clusters.labels, fresh.clusters.labels)
        assert views[-1].edit_notices == fresh.edit_notices == (), "on the layout it was made on, every edit holds"
        consistent(fresh)
    for length in range(len(edits) - 1, -1, -1):
        undone = apply_edits(library, journal_of(edits[:length]))
        assert np.array_equal(undone.clusters.labels, views[length].clusters.labels)
        assert_alike(undone.seeds, views[length].seeds)
    assert_alike(apply_edits(library, Journal()), library)
    assert np.array_equal(apply_edits(views[-1], Journal()).clusters.labels, library.clusters.labels)


def consistent(library: FittedLibrary) -> None:
    clusters = library.clusters
    sizes = library.cluster_sizes().tolist()
    assert sizes == sorted(sizes, reverse=True)
    assert all(sizes)
    assert len(library.descriptions) == len(library.cluster_keys) == len(set(library.cluster_keys)) == len(sizes)
    lowered = [description.name.casefold() for description in library.descriptions]
    assert len(set(lowered)) == len(lowered)
    assert (clusters.labels[clusters.medoids] == np.arange(len(sizes))).all()
    assert (clusters.labels[library.hidden] == UNCLUSTERED).all()
    assert isinstance(library.seeds, SeedTags)
    assert not set(library.hidden.tolist()) & set(library.seeds.photos.tolist())


def test_a_large_cluster_is_known_by_a_sketch_of_it() -> None:
    labels = np.repeat([0, 1], [1200, 800])
    library = made_library(labels)
    edit = new_edits.rename(library, 0, "Rex")
    assert len(edit.cluster.sketch) == 256
    moved = labels.copy()
    moved[:300] = 1
    view = apply_edits(made_library(moved, kinds=labels), journal_of([edit]))
    assert view.clusters.labels[1000] == names(view).index("Rex")
    scattered = np.random.default_rng(0).permutation(np.repeat(np.arange(8), 250))
    assert len(apply_edits(made_library(scattered), journal_of([edit])).edit_notices) == 1


def test_hide_without_a_cluster_survives_the_round_trip() -> None:
    edit = Hide(("ab" * 32,))
    assert from_json("Hide", to_json(edit)) == edit


def test_accepted_tags_are_a_part_until_the_person_says_that_they_are_all() -> None:
    library = simple_library()
    view = after(library, lambda lib: new_edits.give_tags(lib, [0, 9], ["dog"]))
    assert view.labelled_in_full(0) is True, "the fit's source gave it a list of tags"
    assert view.labelled_in_full(9) is False
    assert view.labelled_in_full(10) is None
    completed: tuple[Make, ...] = (
        lambda lib: new_edits.give_tags(lib, [9, 33], ["dog"]),
        lambda lib: new_edits.complete_tags(lib, [9, 10]),
    )
    view = after(library, *completed)
    assert view.labelled_in_full(9) is True
    assert view.labelled_in_full(10) is None, "it has no tags that could be all"
    assert view.labelled_in_full(33) is False
    view = after(library, *completed, lambda lib: new_edits.withdraw_tags(lib, [9], ["dog"]))
    assert view.labelled_in_full(9) is None
    again: Make = lambda lib: new_edits.give_tags(lib, [9], ["cat"])  # noqa: E731
    view = after(library, *completed, lambda lib: new_edits.withdraw_tags(lib, [9], ["dog"]), again)
    assert view.labelled_in_full(9) is False, "what was all is gone"
    with pytest.raises(UsageError, match="none of these photos has a tag of yours"):
        new_edits.complete_tags(library, [10])


def test_lists_of_tags_are_complete_unless_they_say_otherwise() -> None:
    library = simple_library()
    view = after(library, lambda lib: new_edits.label_photos(lib, {9: ["dog"], 10: []}))
    assert (view.labelled_in_full(9), view.labelled_in_full(10)) == (True, True)
    some = LabelPhotos(((content(9), ("dog",)), (content(12), ("dog",))), (content(12),))
    view = apply_edits(library, journal_of([some]))
    assert (view.labelled_in_full(9), view.labelled_in_full(12)) == (True, False)


def test_what_is_known_of_a_photo_labelled_in_part_is_its_tags_and_the_rejected_ones() -> None:
    rules = Rules(parents={"kind1": ("animal",), "kind2": ("animal",)})
    library = replace(simple_library(), rules=rules)
    view = after(
        library,
        lambda lib: new_edits.give_tags(lib, [9, 11], ["kind0"]),
        lambda lib: new_edits.reject_tags(lib, [9], ["Animal", "nothing known"]),
        lambda lib: new_edits.reject_tags(lib, [11], ["kind2"]),
    )
    seeds = view.seeds
    assert seeds.vocabulary == ("animal", "kind0", "kind1", "kind2")
    stated = seeds.stated
    assert stated is not None
    rows = np.searchsorted(seeds.photos, [0, 9, 11])
    assert stated[rows].tolist() == [[True] * 4, [True] * 4, [False, True, False, True]]
    assert not seeds.matrix[rows[1:], 2:].any()


def test_labels_of_an_earlier_journal_are_read() -> None:
    edit = from_json("Answer", {"answers": [[content(9), ["dog"]]]})
    assert edit == LabelPhotos(((content(9), ("dog",)),))
