"""Which of ImageNet's classes and hypernyms a tag names."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.names.name_vectors import class_text
from clustertags.names.synsets import load_synsets


@pytest.mark.parametrize(
    ("tag", "names"),
    [
        ("airplanes", ["airplane"]),
        ("T-Shirt", ["jersey"]),
        ("t_shirt", ["jersey"]),
        ("crane", ["crane", "crane"]),
        ("Cherries", []),
        ("glass", ["glass"]),
        ("my holiday", []),
        ("", []),
    ],
)
def test_a_tag_is_linked_by_any_name_in_singular_or_plural(tag: str, names: list[str]) -> None:
    synsets = load_synsets()
    assert [synsets.names[at][0] for at in synsets.link(tag)] == names


def test_a_broad_tag_covers_all_classes_below_it() -> None:
    synsets = load_synsets()
    dogs, hounds = synsets.classes_of("dog"), synsets.classes_of("hound")
    assert dogs.sum() > 100
    assert (dogs >= hounds).all()
    assert not synsets.classes_of("no such thing").any()


def test_what_is_above_a_class_agrees_with_what_is_below_a_synset() -> None:
    synsets = load_synsets()
    np.testing.assert_array_equal(synsets.above[:1000].T, synsets.members)
    dog, animal = synsets.by_name["dog"][0], synsets.by_name["animal"][0]
    assert synsets.above[dog, animal]
    assert not synsets.above[animal, dog]


def test_a_class_is_told_by_its_names_and_two_levels_above() -> None:
    assert class_text(0) == "tench, Tinca tinca, cyprinid, cypriniform fish"
