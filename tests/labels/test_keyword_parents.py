"""Hierarchies of keywords become parents of tags, below the person's own rules, and never a ring."""

from __future__ import annotations

import time
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from clustertags.labels.keyword_parents import add_keyword_parents, keyword_parents
from clustertags.labels.rules import NO_RULES, Rules
from clustertags.labels.rules_file import parse_rules


def added(*photos: str, rules: str = "") -> tuple[Rules, tuple[str, ...]]:
    """The rules after the keywords of these photos, keywords apart by spaces."""
    own = parse_rules(rules, Path("vocabulary.txt")) if rules else NO_RULES
    return add_keyword_parents(own, keyword_parents([photo.split() for photo in photos]))


def test_a_path_makes_each_part_the_parent_of_the_next() -> None:
    rules, notices = added("Animal|Dog|Collie sea", "animal|cat", "dog")
    assert rules.parents == {"cat": ("animal",), "collie": ("dog",), "dog": ("animal",)}
    assert rules.derived == rules.parents
    assert rules.ancestors("collie") == ("animal", "dog")
    (line,) = notices
    assert "Animal > Dog > Collie" in line and "Animal > cat" in line


def test_without_paths_nothing_changes() -> None:
    assert added("sea", "dog cat") == (NO_RULES, ())
    own = parse_rules("animal > dog", Path("vocabulary.txt"))
    assert add_keyword_parents(own, keyword_parents([["sea"]])) == (own, ())


def test_the_persons_rules_win() -> None:
    rules, notices = added(
        "animal|hound beast|cat", "beast|cat", "cat|beast", rules="hound = dog\nanimal > beast\n- animal"
    )
    assert rules.parents == {"beast": ("animal",), "cat": ("beast",), "dog": ("animal",)}
    assert rules.derived == {"cat": ("beast",), "dog": ("animal",)}
    assert rules.blocked == {"animal"}
    assert any("own ancestors" in line and "cat > beast" in line for line in notices)
    assert rules.of_person() == parse_rules("hound = dog\nanimal > beast\n- animal", Path("vocabulary.txt"))
    assert Rules.from_json(rules.to_json()) == rules


def test_a_ring_through_the_persons_own_rules_is_dropped() -> None:
    rules, notices = added("dog|animal", rules="animal > dog")
    assert (rules.parents, rules.derived) == ({"dog": ("animal",)}, {})
    assert "dog > animal" in notices[0]


def test_of_a_ring_the_link_of_fewer_photos_goes() -> None:
    rules, notices = added("animal|dog", "animal|dog", "dog|animal")
    assert rules.derived == {"dog": ("animal",)}
    assert any("dog > animal" in line for line in notices)


def test_a_word_with_two_meanings_brings_neither_parent() -> None:
    rules, notices = added("food|turkey", "places|turkey|Ankara", "pets|dog animal|dog", "animal|dog")
    assert rules.derived == {"ankara": ("turkey",), "dog": ("animal",)}
    assert any("turkey (food or places)" in line for line in notices)


def test_rules_without_derived_ones_are_read_as_they_were_saved() -> None:
    saved = parse_rules("animal > dog", Path("vocabulary.txt")).to_json()
    del saved["derived"]
    assert Rules.from_json(saved).parents == {"dog": ("animal",)}


PATHS = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True).map("|".join), max_size=5)


@given(st.lists(PATHS, max_size=5))
def test_parents_never_form_a_ring(photos: list[list[str]]) -> None:
    rules, _ = add_keyword_parents(NO_RULES, keyword_parents(photos))
    TopologicalSorter(rules.parents).prepare()
    for child, parents in rules.derived.items():
        for keywords in photos:
            above = {a for path in keywords for a, b in pairwise(path.split("|")) if b == child}
            assert not above or set(parents) <= above, "each photo that says where a tag stands agrees"


def test_many_hostile_paths_take_no_time() -> None:
    paths = ["|".join(f"t{(at * 7 + level * 13) % 997}" for level in range(12)) for at in range(500)]
    start = time.process_time()
    torn = [[f"u{at}|word"] for at in range(500)]
    rules, notices = add_keyword_parents(NO_RULES, keyword_parents([paths, *torn]))
    assert time.process_time() - start < 20, "far less where nothing else runs"
    TopologicalSorter(rules.parents).prepare()
    assert all(len(line) < 1_000 for line in notices)
