from __future__ import annotations

import pytest

from clustertags.support.counts import plural


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 photos"), (1, "1 photo"), (2, "2 photos"), (999, "999 photos"), (1234567, "1,234,567 photos")],
)
def test_numbers_of_things(number: int, text: str) -> None:
    assert plural(number, "photo") == text


def test_a_plural_of_its_own() -> None:
    assert plural(1, "photo is", "photos are") == "1 photo is"
    assert plural(0, "photo is", "photos are") == "0 photos are"
    assert plural(2000, "entry", "entries") == "2,000 entries"
