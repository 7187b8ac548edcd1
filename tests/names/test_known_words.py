from __future__ import annotations

import pytest

from clustertags.names.encoder import sentence_encoder
from clustertags.names.known_words import words_of


def test_words_are_letters_and_digits_or_else_symbols() -> None:
    assert words_of("It's a new_york-2024!") == ["It", "s", "a", "new", "york", "2024"]
    assert words_of("\U0001f389 \u2764") == ["\U0001f389", "\u2764"]
    assert words_of("") == []


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("a dog on a beach", ()),
        ("photographers' snowboarding", ()),  # spelt in parts that are words
        ("the qzxv of xkcqj", ("qzxv", "xkcqj")),
        ("\u4eba\u732b\u5496", ("\u4eba\u732b\u5496",)),
        ("\U0001f389", ("\U0001f389",)),
        ("??? ...", ("???", "...")),
    ],
)
def test_words_spelt_letter_by_letter_are_unknown(text: str, unknown: tuple[str, ...]) -> None:
    assert sentence_encoder().unknown_words(text) == unknown
