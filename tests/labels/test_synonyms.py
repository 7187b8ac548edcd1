"""Spellings of one word are suggested where they are seen on the same kinds of photos, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clustertags.labels.rules_file import HEADER, parse_rules
from clustertags.labels.spellings import like_pairs, singular
from clustertags.labels.suggested_rules import missing_suggestions, with_suggestions
from clustertags.labels.synonyms import SynonymSuggestion, suggest_synonyms
from clustertags.labels.uninformative_tags import TagUse
from clustertags.types import SeedTags


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("beach", "beaches"),
        ("child", "children"),
        ("woman", "women"),
        ("policeman", "policemen"),
        ("city", "cities"),
        ("colour", "color"),
        ("centre", "center"),
        ("traveling", "travelling"),
        ("grey", "gray"),
        ("favourites", "favorite"),
        ("new york", "newyork"),
        ("new_york", "New-York"),
        ("café", "cafe"),
        ("Halloween", "Haloween"),
        ("baloon", "balloons"),
        ("restaurant", "restuarant"),
    ],
)
def test_spellings_of_one_word_are_alike(first: str, second: str) -> None:
    pairs = like_pairs((first, "tree", second))
    if {first, second} == {"baloon", "balloons"}:
        assert not pairs, "two steps away is too far"
    else:
        assert [(pair.first, pair.second) for pair in pairs] == [(0, 2)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("glass", "glas"),
        ("cat", "car"),
        ("boss", "bos"),
        ("bus", "bu"),
        ("iphone7", "iphone8"),
        ("house", "mouse"),
        ("猫", "犬"),
    ],
)
def test_words_that_only_look_alike_are_not(first: str, second: str) -> None:
    assert not like_pairs((first, second))


def test_the_singular_of_what_is_no_plural_is_itself() -> None:
    for word in ("glass", "bus", "tennis", "gas", "sea", "猫", ""):
        assert singular(word) == word


def library(names: tuple[str, str], kinds: tuple[int, int], n: int = 120, n_kinds: int = 6, counts: int = 6):
    """Photos in clusters that look each their way; either tag is on photos of its kind, a third one anywhere."""
    random = np.random.default_rng(0)
    labels = (np.arange(n) % n_kinds).astype(np.int32)
    space = np.eye(n_kinds, 16)[labels] + 0.1 * random.standard_normal((n, 16))
    space = (space - space.mean(axis=0)).astype(np.float32)
    space /= np.linalg.norm(space, axis=1, keepdims=True)
    matrix = np.zeros((n, 3), bool)
    for at, kind in enumerate(kinds):
        matrix[np.flatnonzero(labels == kind)[at * counts : (at + 1) * counts], at] = True
    matrix[::5, 2] = True
    return SeedTags((*names, "zzz"), np.arange(n, dtype=np.int32), matrix), labels, space


def test_a_plural_on_the_same_kind_of_photos_is_suggested_with_the_evidence() -> None:
    seeds, labels, space = library(("beach", "beaches"), (2, 2))
    (found,) = suggest_synonyms(seeds, labels, space)
    assert {found.tag, found.canonical} == {"beach", "beaches"}
    assert found.form == "plural"
    assert "in the same clusters" in found.evidence
    assert "look alike" in found.evidence
    assert "beach on 6" in found.evidence


def test_words_alike_on_other_photos_are_not_suggested() -> None:
    for names in (("glasses", "glass"), ("painting", "paintings"), ("dressing", "dresing")):
        assert not suggest_synonyms(*library(names, (1, 4)))


def test_pictures_are_not_needed_and_the_rarer_counts_as_the_commoner() -> None:
    seeds, labels, _ = library(("color", "colour"), (3, 3))
    matrix = seeds.matrix.copy()
    matrix[np.flatnonzero(matrix[:, 0])[:3], 0] = False
    (found,) = suggest_synonyms(SeedTags(seeds.vocabulary, seeds.photos, matrix), labels)
    assert (found.tag, found.canonical) == ("color", "colour")


def test_tags_that_stand_together_are_suggested_but_a_slip_is_not_by_that_alone() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 5, 200).astype(np.int32)
    both = random.permutation(200)[:12]
    matrix = np.zeros((200, 2), bool)
    matrix[both[:8], 0] = matrix[both[2:], 1] = True
    photos = np.arange(200, dtype=np.int32)
    (found,) = suggest_synonyms(SeedTags(("selfie", "selfies"), photos, matrix), labels)
    assert "together on 6" in found.evidence
    assert not suggest_synonyms(SeedTags(("instafood", "instagood"), photos, matrix), labels)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_photos_suggest_nothing(n: int) -> None:
    seeds = SeedTags(("beach", "beaches"), np.arange(n, dtype=np.int32), np.ones((n, 2), bool))
    assert not suggest_synonyms(seeds, np.full(n, -1, np.int32), np.ones((n, 4), np.float32))


BEACHES = SynonymSuggestion("beaches", "beach", "plural", "plural; beach on 9, beaches on 4; in the same clusters")
TBT = TagUse("tbt", 40, 100, 1.0, 0.5, 0.5, "on 40 of 100 labelled photos")


def test_suggestions_are_comments_that_become_rules_when_the_sign_is_taken_away() -> None:
    text = with_suggestions("", missing_suggestions("", [BEACHES], [TBT]))
    assert text.startswith(HEADER)
    assert not parse_rules(text, Path())
    freed = text.replace("# beaches", "beaches").replace("# - tbt", "- tbt")
    rules = parse_rules(freed, Path())
    assert rules.aliases == {"beaches": "beach"}
    assert rules.blocked == {"tbt"}


@pytest.mark.parametrize(
    "text", ["beaches = beach", "# Beaches =  beach\n- tbt", "beach = #beaches\n+ tbt\n", "dog = cat\r\n# mine\r\n\r\n"]
)
def test_what_the_person_wrote_stays_and_nothing_is_said_twice(text: str) -> None:
    missing = missing_suggestions(text, [BEACHES], [TBT])
    after = with_suggestions(text, missing)
    assert after.startswith(text)
    assert not missing_suggestions(after, [BEACHES], [TBT])
    assert ("# beaches = beach" in after) == text.startswith("dog")


def test_a_tag_that_the_form_cannot_say_is_not_suggested() -> None:
    odd = SynonymSuggestion("a = b", "ab", "written apart or together", "why")
    assert not missing_suggestions("", [odd], [])
