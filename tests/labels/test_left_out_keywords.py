"""Which keywords are not the person's tags, and that it is said."""

from __future__ import annotations

import pytest

from clustertags.labels.left_out_keywords import LeftOutKeywords


@pytest.mark.parametrize(
    ("patterns", "given", "kept"),
    [
        ((), "darktable|exported auto|cat sea _Digikam_Internal_Tags_|Pick", "sea"),
        ((), "Auto|VW auto darktable automatic|x", "Auto|VW auto darktable automatic|x"),
        (("people|*",), "People|Anna Anna People sea", "sea"),
        (("*|Anna",), "People|Anna People|Bert Anna Bert People", "People|Bert Bert People"),
        (("Places|*",), "Places|Paris food|Paris Paris", "food|Paris Paris"),
        (("s?a",), "sea sun", "sun"),
        (("!auto|*",), "auto|vw vw darktable|x", "auto|vw vw"),
    ],
)
def test_patterns_are_of_the_whole_path(patterns: tuple[str, ...], given: str, kept: str) -> None:
    assert LeftOutKeywords(patterns).kept(given.split()) == tuple(kept.split())


def test_both_reasons_are_told_with_their_counts() -> None:
    left_out = LeftOutKeywords(["People|*"])
    for keywords in (("auto|cat", "People|Anna", "People|Bert"), ("People|Anna", "sea"), ("sun",)):
        left_out.kept(keywords)
    programs, person = left_out.notices()
    assert "1 keyword on 1 photo (auto|cat)" in programs
    assert "3 keywords on 2 photos (People|Anna, People|Bert)" in person
    assert LeftOutKeywords().notices() == ()
