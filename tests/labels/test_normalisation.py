"""What counts as one tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustertags.labels.normalisation import MAX_TAG_CHARACTERS, normalise_tag, split_tags


@pytest.mark.parametrize(
    ("spellings", "tag"),
    [
        (["#Cat", "cat", "Cat ", "  CAT\n", "##cat", "# cat", "＃ｃａｔ", "c\u00adat", "\u202ecat", "cat\x07"], "cat"),
        (["New  York", "new\tyork", "#new york"], "new york"),
        (["Café", "cafe\u0301", "CAFÉ"], "café"),
        (["STRASSE", "Straße"], "strasse"),
        (["❤️", "❤", "#❤︎"], "❤"),
        (["C#", "c#"], "c#"),
        (["snow_day", "#Snow_Day"], "snow_day"),
        (["", " ", "#", "# #", "\x00", "\ud800", "\u200d", "\ue000"], ""),
    ],
)
def test_spellings_of_one_tag(spellings: list[str], tag: str) -> None:
    assert {normalise_tag(spelling) for spelling in spellings} == {tag}


@pytest.mark.parametrize(
    "tag",
    [
        "👩\u200d🚀",  # a joiner makes one astronaut of a woman and a rocket
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
        "👍🏽",
        "🇩🇪",
        "™",
        "می\u200cخواهم",  # a Persian word needs its non-joiner
        "日本",
    ],
)
def test_what_carries_meaning_stays(tag: str) -> None:
    assert normalise_tag(f"#{tag} ") == tag


def test_different_tags_stay_different() -> None:
    tags = ["cat", "cats", "new york", "newyork", "👩", "👩\u200d🚀", "👍", "👍🏽", "resume", "résumé"]
    assert len({normalise_tag(tag) for tag in tags}) == len(tags)


def test_a_caption_is_no_tag() -> None:
    assert normalise_tag("a" * MAX_TAG_CHARACTERS) == "a" * MAX_TAG_CHARACTERS
    assert normalise_tag("a" * (MAX_TAG_CHARACTERS + 1)) == ""
    assert normalise_tag("a" * 10_000_000) == ""


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_tag(text)
    assert normalise_tag(once) == once
    assert "|" not in once
    assert "\n" not in once
    assert once == once.strip()
    once.encode("utf-8")


@given(st.text(max_size=30))
def test_case_and_hash_do_not_matter(text: str) -> None:
    assert normalise_tag("#" + text) == normalise_tag(text)
    assert normalise_tag(text.casefold()) == normalise_tag(text)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("cat|dog", ("cat", "dog")),
        ("#cat #dog", ("cat", "dog")),
        ("#cat#dog|new york", ("cat", "dog", "new york")),
        ("#new york", ("#new york",)),
        ("", ("",)),
    ],
)
def test_splitting(text: str, tags: tuple[str, ...]) -> None:
    assert split_tags(text) == tags
