"""A list of keywords as Lightroom exports it gives parents and synonyms; rules stay rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from clustertags.errors import SeedsError
from clustertags.labels.keyword_list import is_keyword_list
from clustertags.labels.rules_file import HEADER, parse_rules

LIST = """\
[Animals]
\tDog
\t\t{hound}
\t\t{puppy}
\t\tCollie
\tCat
\t\t{puppy}
Food
\tTurkey
Places
\tTurkey
\tNew York
"""


def test_a_list_gives_parents_and_synonyms() -> None:
    rules = parse_rules(LIST.replace("\n", "\r\n"), Path("keywords.txt"))
    assert rules.parents == {
        "cat": ("animals",),
        "collie": ("dog",),
        "dog": ("animals",),
        "new york": ("places",),
    }, "a word in two places has no parent"
    assert rules.aliases == {"hound": "dog"}, "a synonym of two keywords is none"
    assert rules.spelling("new york") == "New York"
    assert not rules.derived, "they are the person's own"


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        "animal > dog\n\tkitty = cat",
        "\tdog\ncat",
        "image\ttags\na.jpg\tcat",
        "cat\ndog",
        "a\n\t\tb",
        "a\n\t- b",
    ],
)
def test_other_texts_are_no_list(text: str) -> None:
    assert not is_keyword_list(text)


def test_rules_with_a_fault_are_not_taken_for_a_list() -> None:
    with pytest.raises(SeedsError, match="line 2"):
        parse_rules("animal > dog\n\tcat", Path("vocabulary.txt"))
