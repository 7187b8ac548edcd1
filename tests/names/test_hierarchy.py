"""Names from the ImageNet hierarchy."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustertags.names.distinct_names import NameCandidate, distinct_names
from clustertags.names.hierarchy import load_hierarchy, name_from_hierarchy
from clustertags.types import Float32

GOLDEN, LABRADOR = 207, 208
DOGS = range(151, 269)
TERRIERS = range(179, 205)
CATS = range(281, 286)


def photos(*classes: int, certainty: float = 0.8) -> Float32:
    """One photo a class, the rest of its probability spread over all classes."""
    rows = np.full((len(classes), 1000), (1 - certainty) / 1000)
    rows[np.arange(len(classes)), list(classes)] += certainty
    return rows.astype(np.float32)


def test_the_table_is_whole() -> None:
    hierarchy = load_hierarchy()
    assert len(hierarchy.lemmas) == 1860
    assert [hierarchy.lemmas[at] for at in (0, GOLDEN, LABRADOR, 281, 999)] == [
        "tench",
        "golden retriever",
        "Labrador retriever",
        "tabby",
        "toilet tissue",
    ]
    below = {lemma: np.flatnonzero(hierarchy.members[at]) for at, lemma in enumerate(hierarchy.lemmas)}
    assert len(below["entity"]) == 1000
    assert below["dog"].tolist() == list(DOGS)
    assert below["domestic cat"].tolist() == list(CATS)
    assert below["terrier"].tolist() == list(TERRIERS)


def test_the_table_is_small_and_carries_its_licence() -> None:
    room = resources.files("clustertags.names")
    assert len(room.joinpath("imagenet_hierarchy.json").read_bytes()) <= 60_000
    notice = room.joinpath("imagenet_hierarchy.NOTICE.txt").read_text()
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in notice
    assert "LICENSEE agrees to preserve same" in notice


@pytest.mark.parametrize(
    ("classes", "name"),
    [
        ([GOLDEN] * 5, "golden retriever"),
        ([GOLDEN, LABRADOR] * 3, "retriever"),
        (list(DOGS), "dog"),
        (list(CATS), "domestic cat"),
        ([*DOGS[::10], *CATS, 289, 290, 291], "carnivore"),  # lion, tiger and others
        ([GOLDEN] * 8 + [949, 817], "golden retriever"),  # a strawberry and a car strayed in
        ([407, 436, 468, 511, 609, 656, 817], "car"),
        ([948, 949, 950, 951, 953, 954], "fruit"),
    ],
)
def test_the_most_specific_name_that_holds(classes: list[int], name: str) -> None:
    named = name_from_hierarchy(photos(*classes))
    assert named.name == name
    assert 1 <= len(named.tags) <= 5
    assert named.name in [tag for tag, _ in named.tags]
    assert all(0 < share <= 1 for _, share in named.tags)
    assert len({tag for tag, _ in named.tags}) == len(named.tags)


def test_what_shows_nothing_in_particular_has_no_name() -> None:
    named = name_from_hierarchy(np.full((4, 1000), 0.001, dtype=np.float32))
    assert (named.name, named.tags, named.candidates) == ("", (), ())


def test_names_are_never_jargon() -> None:
    hierarchy = load_hierarchy()
    forbidden = {"entity", "artifact", "instrumentality", "placental", "chordate", "whole", "covering"}
    for synset in range(1000, len(hierarchy.lemmas), 9):
        classes = np.flatnonzero(hierarchy.members[synset])
        assert name_from_hierarchy(photos(*classes.tolist())).name not in forbidden


def test_one_photo_and_a_wrong_number_of_classes() -> None:
    assert name_from_hierarchy(photos(949)).name == "strawberry"
    for wrong in (photos(949)[:, :999], photos(949)[0], photos()):
        with pytest.raises(ValueError, match="1000 classes"):
            name_from_hierarchy(wrong)


def distinct(clusters: list[Float32]) -> tuple[str, ...]:
    named = [name_from_hierarchy(rows) for rows in clusters]
    return distinct_names([item.name for item in named], [item.candidates for item in named])


def test_clusters_of_one_name_are_told_apart() -> None:
    mixed = list(DOGS[::6])
    assert distinct([photos(*mixed, *TERRIERS[:8]), photos(*mixed, *[GOLDEN, LABRADOR] * 3), photos(*CATS)]) == (
        "dog, terrier",
        "dog, retriever",
        "domestic cat",
    )
    assert distinct([photos(949)] * 3) == ("strawberry", "strawberry 2", "strawberry 3")
    assert name_from_hierarchy(np.full((4, 1000), 0.001, dtype=np.float32)).name == ""


def test_a_name_with_a_number_is_not_given_twice() -> None:
    assert distinct_names(["a", "A", "a 2", "a"], [()] * 4) == ("a", "A 3", "a 2", "a 4")


def test_a_qualifier_must_fit_one_better_than_the_other() -> None:
    both = NameCandidate("park", 0.9, 3.0)
    names = distinct_names(["dog", "dog"], [[both, NameCandidate("ball", 0.6, 2.0)], [both]])
    assert names == ("dog, ball", "dog")


WORDS = st.sampled_from(["dog", "Dog", "cat", "dog 2", "dog, cat", "cluster 1", ""])


@given(st.lists(st.tuples(WORDS, st.lists(st.tuples(WORDS, st.floats(0, 1)), max_size=3)), max_size=8))
def test_names_are_always_distinct(drawn: list[tuple[str, list[tuple[str, float]]]]) -> None:
    candidates = [[NameCandidate(text, share, 2.0) for text, share in items] for _, items in drawn]
    names = distinct_names([name for name, _ in drawn], candidates)
    assert len({name.casefold() for name in names}) == len(drawn)
    assert all(name.startswith(given) for name, (given, _) in zip(names, drawn, strict=True))
