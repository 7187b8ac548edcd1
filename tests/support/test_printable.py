from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustertags.support.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name.jpg", "plain name.jpg"),
        ("写真 été", "写真 été"),
        ("new\nline\r\x1b[31m", "new\\x0aline\\x0d\\x1b[31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth\u2028", "zero\\u200bwidth\\u2028"),
        (os.fsdecode(b"caf\xe9"), "caf\\xe9"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("a\u200db", "a\\u200db"),
    ],
)
def test_unsafe_characters_are_escaped_and_others_kept(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_long_text_is_shortened_in_the_middle() -> None:
    shown = printable("a" * 100 + "b" * 300, limit=21)
    assert shown == "a" * 10 + "…" + "b" * 10


@given(st.text(max_size=80))
def test_what_is_shown_fits_on_one_line_and_is_printable(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= 200
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")
