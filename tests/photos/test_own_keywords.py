"""What this program wrote is never read back as a person's tag."""

from __future__ import annotations

import pytest

from clustertags.export.xmp_packet import Additions, merged
from clustertags.labels.normalisation import normalise_tag
from clustertags.photos.keywords import read_keywords
from clustertags.photos.own_keywords import NAMESPACE, not_ours, written_by_us
from tests.made.keywords import xmp
from tests.made.sidecars import DARKTABLE, LIGHTROOM

GUESSES = ((("auto", "AC/DC"), 0.9), (("Snow",), 0.6))


def write(data: bytes | None, **tags: object) -> bytes:
    return merged(data, Additions(**{"predicted": GUESSES, **tags}), "t").data  # type: ignore[arg-type]


def test_predictions_and_parents_are_ours_and_what_a_person_gave_is_theirs() -> None:
    data = write(DARKTABLE.encode(), embedded=("embedded",), mine=(("animal", "dog"),))
    ours = written_by_us(data)
    assert ours == {"auto", "ac/dc", "auto|ac/dc", "auto/ac/dc", "snow", "animal"}
    assert {normalise_tag(word) for word in ("auto", "AC/DC", "Snow", "animal")} <= ours
    assert set(read_keywords(b"", data)) & {"auto", "AC/DC", "Snow", "animal"} == set()
    assert {"Paris", "holiday", "embedded", "dog"} <= set(read_keywords(b"", data))
    assert not_ours(["SNOW", "auto|AC/DC", "auto/AC／DC", "snowman"], data) == ["snowman"]


def test_a_prediction_that_the_person_has_already_is_theirs() -> None:
    assert "paris" not in written_by_us(write(LIGHTROOM.encode(), predicted=((("city", "Paris"), 0.9),)))
    assert "snow" not in written_by_us(write(None, embedded=("snow",)))
    assert "snow" not in written_by_us(write(write(None), mine=(("snow",),))), "confirmed later"


def test_a_word_that_the_person_puts_below_another_parent_is_theirs() -> None:
    start = b"<lr:hierarchicalSubject><rdf:Bag>"
    data = write(None).replace(start, start + b"<rdf:li>weather|snow</rdf:li>")
    assert "snow" not in written_by_us(data)
    assert "auto" in written_by_us(data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_other_encodings(encoding: str) -> None:
    text = write(None).decode()
    data = text.encode(encoding)
    assert "snow" in written_by_us(data)


def test_packets_without_our_namespace_or_broken_ones_hold_nothing_of_ours() -> None:
    assert written_by_us(b"") == frozenset()
    assert written_by_us(DARKTABLE.encode()) == frozenset()
    assert written_by_us(write(None)[:-50]) == frozenset()
    assert written_by_us(xmp("&a;", NAMESPACE, doctype='<!DOCTYPE x [<!ENTITY a "b">]>')) == frozenset()
    assert written_by_us(write(None) + b" " * 2**20) == frozenset()
