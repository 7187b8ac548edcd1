"""The person's file: what it says is done, what it says wrong is told with the line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustertags.errors import SeedsError
from clustertags.labels.rules import NO_RULES, Rules, ancestor_columns, apply_rules, raise_parents
from clustertags.labels.rules_file import HEADER, MAX_FILE_BYTES, parse_rules, read_rules
from clustertags.types import SeedTags
from tests.made.labels import seed_tags


def rules_of(text: str) -> Rules:
    return parse_rules(text, Path("vocabulary.txt"))


def seeds_of(*photos: str) -> SeedTags:
    """One photo a text, tags apart by spaces."""
    return seed_tags(dict(enumerate(photos)), ("before.",))


def tags_of(seeds: SeedTags) -> list[str]:
    return [" ".join(seeds.vocabulary[i] for i in np.flatnonzero(row)) for row in seeds.matrix]


def test_an_alias_counts_as_its_tag_and_the_persons_spelling_stays() -> None:
    applied = apply_rules(
        seeds_of("Cat", "kitty sofa", "kitty Cat", "KITTEN"), rules_of("#Kitty = cat\nkitten = kitty")
    )
    assert applied.vocabulary == ("Cat", "sofa")
    assert tags_of(applied) == ["Cat", "Cat sofa", "Cat", "Cat"]
    assert applied.notices[0] == "before."
    assert "KITTEN as cat on 1 photo" in applied.notices[1]
    assert "kitty as cat on 2 photos" in applied.notices[1]


def test_an_alias_of_a_tag_that_no_photo_has_takes_the_files_spelling() -> None:
    assert apply_rules(seeds_of("nyc"), rules_of("nyc = New York")).vocabulary == ("New York",)


def test_a_child_brings_its_parents_transitively() -> None:
    rules = rules_of("animal > dog > poodle\npet > dog\nhound = dog")
    applied = apply_rules(seeds_of("poodle", "hound", "animal", "tree"), rules)
    assert tags_of(applied) == ["animal dog pet poodle", "animal dog pet", "animal", "tree"]
    assert any("animal by" in text for text in applied.notices)


def test_a_blocked_tag_leaves_with_a_notice_and_its_photo_is_no_longer_labelled() -> None:
    applied = apply_rules(seeds_of("cat likeforlike", "likeforlike", "dog"), rules_of("- LikeForLike"))
    assert applied.vocabulary == ("cat", "dog")
    assert applied.photos.tolist() == [0, 2]
    assert any("Blocked" in text and "likeforlike on 2 photos" in text for text in applied.notices)
    assert any("1 photo left without a tag" in text for text in applied.notices)
    nothing = apply_rules(seeds_of("tbt"), rules_of("- tbt"))
    assert nothing.n_labelled == 0
    assert nothing.vocabulary == ()


def test_a_blocked_tag_still_brings_its_parents_and_a_blocked_parent_is_not_brought() -> None:
    applied = apply_rules(seeds_of("poodle"), rules_of("animal > dog > poodle\n- dog\n- poodle"))
    assert tags_of(applied) == ["animal"]


def test_without_rules_nothing_changes() -> None:
    seeds = seeds_of("cat", "dog")
    assert apply_rules(seeds, NO_RULES) is seeds
    assert not rules_of(HEADER), "the header is comments alone"


def test_a_hash_before_a_word_is_a_tag_and_before_a_space_a_comment() -> None:
    rules = rules_of("# kitty = cat\n#\n## why\n#hund = #dog\n\n   # indented = comment\r\n+ #tbt\r\n")
    assert rules.aliases == {"hund": "dog"}
    assert rules.kept == {"tbt"}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_of_every_system_are_lines(line_end: str) -> None:
    rules = rules_of(line_end.join(["kitty = cat", "", "animal > dog"]))
    assert rules.aliases == {"kitty": "cat"}
    assert rules.parents == {"dog": ("animal",)}
    with pytest.raises(SeedsError, match="line 3: "):
        rules_of(line_end.join(["kitty = cat", "", "dog"]))


def test_many_changes_are_told_by_the_first_five() -> None:
    seeds = seeds_of(" ".join(f"alias{number}" for number in range(7)))
    rules = rules_of("\n".join(f"alias{number} = tag{number}" for number in range(7)))
    counted = ", ".join(f"alias{number} as tag{number} on 1 photo" for number in range(5))
    assert apply_rules(seeds, rules).notices == ("before.", f"Counted by the rules for tags: {counted} and 2 more.")
    rules = rules_of("\n".join(f"alias{number} = tag{number}" for number in range(5)))
    assert apply_rules(seeds, rules).notices[1].endswith("alias4 as tag4 on 1 photo.")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("cat", 1, "is no rule"),
        ("ok = fine\nkitty=cat", 2, "with spaces around the sign"),
        ("a = b > c", 1, "is no rule"),
        ("a = b = c", 1, "is no rule"),
        ("- a = b", 1, "is no rule"),
        ("cat = #Cat", 1, "to itself"),
        ("dog > dog", 1, "to itself"),
        ("a = b\nb = c\nc = a", 1, "cycle (a = b = c = a)"),
        ("a > b\nx > y\nb > c\nc > a", 4, "own ancestor"),
        ("cat > kitty\nkitty = cat", 1, "own ancestor"),
        ("kitty = cat\n- cat", 1, "blocks cat"),
        ("- kitty\nkitty = cat", 2, "blocks kitty"),
        ("- tbt\n+ tbt", 2, "both blocked and kept"),
        ("a = b\na = c", 2, "counts as b by line 1"),
        ("- ##", 1, "is no tag"),
        (f"- {'x' * 500}", 1, "is no tag"),
    ],
)
def test_what_cannot_be_followed_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(SeedsError) as caught:
        rules_of(text)
    message = str(caught.value)
    assert message.startswith(f"vocabulary.txt, line {line}: ")
    assert words in message
    assert "\n" not in message and len(message) < 400


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a = b\ncaf\xe9 = cafe\n", "line 2: is not UTF-8"),
        ("a = b".encode("utf-16"), "not UTF-8"),
        (b"a = b\n\0", "line 2: holds a NUL"),
        (b"#" * (MAX_FILE_BYTES + 1), "larger than"),
        (None, "is not there"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, data: bytes | None, words: str) -> None:
    path = tmp_path / "rules.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SeedsError, match=words):
        read_rules(path)
    with pytest.raises(SeedsError, match="regular file"):
        read_rules(tmp_path)


def test_many_rules_are_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rules.txt"
    path.write_text("".join(f"parent{i} > parent{i + 1}\nalias{i} = alias{i + 1}\n" for i in range(2000)))
    rules = read_rules(path)
    assert len(rules.ancestors("parent2000")) == 2000
    assert rules.aliases["alias0"] == "alias2000"


def test_a_parent_is_never_less_likely_than_its_child() -> None:
    rules = rules_of("animal > dog > poodle")
    pairs = ancestor_columns(("Animal", "cat", "dog", "poodle"), rules)
    scores = np.array([[0.1, 0.9, 0.3, 0.8], [0.9, 0.0, 0.2, 0.1]], np.float32)
    raised = raise_parents(scores, pairs)
    np.testing.assert_allclose(raised, [[0.8, 0.9, 0.8, 0.8], [0.9, 0.0, 0.2, 0.1]], rtol=1e-6)
    assert raise_parents(scores, ancestor_columns(("cat",), rules)) is scores


WORDS = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(st.sampled_from("=>-+"), WORDS, WORDS), max_size=8))
def test_rules_that_are_read_come_back_from_json_and_settle(drawn: list[tuple[str, str, str]]) -> None:
    lines = [f"{a} {sign} {b}" if sign in "=>" else f"{sign} {a}" for sign, a, b in drawn]
    try:
        rules = rules_of("\n".join(lines))
    except SeedsError:
        return
    assert Rules.from_json(rules.to_json()) == rules
    assert not rules.aliases.keys() & set(rules.aliases.values())
    assert all(tag not in rules.ancestors(tag) for tag in rules.parents)
    once = apply_rules(seeds_of("a b", "c d e", "f g h"), rules)
    assert tags_of(apply_rules(once, rules)) == tags_of(once), "applying them again changes nothing"
