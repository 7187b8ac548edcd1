"""Every form in which programs write keywords into XMP; what cannot be read is told from what holds none."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from clustertags.photos.xmp_keywords import MAX_XMP_BYTES, xmp_keywords
from tests.made.keywords import DIGIKAM, HIERARCHY, MICROSOFT, SUBJECT, xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def described(inside: str = "", attributes: str = "") -> bytes:
    """A packet of one description."""
    return (
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:lr="http://ns.adobe.com/lightroom/1.0/" {attributes}>{inside}</rdf:Description></rdf:RDF>'
    ).encode()


@pytest.mark.parametrize("kind", ["Bag", "Seq", "Alt"])
def test_lists_of_every_kind(kind: str) -> None:
    assert xmp_keywords(xmp("a", "b", form=SUBJECT.replace("Bag", kind))) == ["a", "b"]


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (described(attributes='dc:subject="cat" lr:hierarchicalSubject="animal|cat"'), ["cat", "animal|cat"]),
        (described("<dc:subject>cat</dc:subject>"), ["cat"]),
        (described("<dc:subject><rdf:li>cat</rdf:li></dc:subject>"), ["cat"]),
        (
            described("<dc:subject><rdf:Bag><rdf:_1>cat</rdf:_1><rdf:_2>dog</rdf:_2></rdf:Bag></dc:subject>"),
            ["cat", "dog"],
        ),
        (described('<dc:subject><rdf:Bag><rdf:li rdf:value="cat"/></rdf:Bag></dc:subject>'), ["cat"]),
        (
            described(
                '<dc:subject><rdf:Bag><rdf:li rdf:parseType="Resource"><rdf:value>cat</rdf:value></rdf:li>'
                "<rdf:li><rdf:Description><rdf:value>dog</rdf:value></rdf:Description></rdf:li></rdf:Bag></dc:subject>"
            ),
            ["cat", "dog"],
        ),
        (described("<dc:title>cat</dc:title>", 'dc:title="dog"'), []),
        (described("<dc:subject/><dc:subject><rdf:Bag/></dc:subject>"), []),
    ],
)
def test_forms_of_rdf(packet: bytes, expected: list[str]) -> None:
    assert xmp_keywords(packet) == expected


def test_hierarchies_are_paths_whatever_separates_them() -> None:
    assert xmp_keywords(xmp("animal|dog|collie", form=HIERARCHY)) == ["animal|dog|collie"]
    assert xmp_keywords(xmp("animal/dog", form=DIGIKAM)) == ["animal|dog"]
    assert xmp_keywords(xmp("animal/dog", form=MICROSOFT)) == ["animal|dog"]
    assert xmp_keywords(xmp("animal/dog", form=MICROSOFT).replace(b"photo/1.0/", b"photo/1.0")) == ["animal|dog"]
    both = xmp("x", form=SUBJECT + HIERARCHY.replace("{}", "<rdf:li>a|b</rdf:li>"))
    assert xmp_keywords(both) == ["x", "a|b"]


def test_a_word_with_a_slash_that_is_also_flat_is_no_path() -> None:
    assert xmp_keywords(xmp("AC/DC", form=SUBJECT + MICROSOFT.replace("{}", "<rdf:li>AC/DC</rdf:li>"))) == [
        "AC/DC",
        "AC/DC",
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="UTF-16"?>'])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_wide_text_with_and_without_a_mark(encoding: str, declaration: str, mark: str) -> None:
    text = mark + declaration + described("<dc:subject>Füße 🐶</dc:subject>").decode()
    assert xmp_keywords(text.encode(encoding) + "\0".encode(encoding)) == ["Füße 🐶"]


def test_latin1_as_declared() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + described("<dc:subject>Füße</dc:subject>").decode()
    assert xmp_keywords(text.encode("latin-1")) == ["Füße"]


def test_what_cannot_be_read_is_told_from_what_holds_none(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    outside = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{tmp_path}/secret">]>'
    for packet in (
        b"",
        b"<a",
        b"\xff\xfe<",
        "<a>".encode("utf-16"),
        "<!DOCTYPE x><a/>".encode("utf-16"),
        b"\xff\xfe\0\xd8<\0a\0/\0>\0",
        xmp("cat")[:-60],
        xmp("&a;", doctype=outside),
        xmp("cat") + b" " * MAX_XMP_BYTES,
        b"<?xml version='1.0' encoding='no-such'?><a/>",
    ):
        assert xmp_keywords(packet) is None
    assert xmp_keywords(b"<a/>") == []


@pytest.mark.parametrize(
    "packet",
    [
        described("<dc:subject>" * 35_000 + "</dc:subject>" * 35_000),
        described("<dc:subject><rdf:Bag>" + "<rdf:li/>" * 110_000 + "</rdf:Bag></dc:subject>"),
        described(attributes=" ".join(f'dc:a{n}="x"' for n in range(70_000))),
        described("<dc:subject><rdf:Bag><rdf:li>" * 14_000 + "</rdf:li></rdf:Bag></dc:subject>" * 14_000),
    ],
    ids=["nested", "empty items", "attributes", "nested lists"],
)
def test_the_largest_hostile_packets_take_less_than_a_second(packet: bytes) -> None:
    assert MAX_XMP_BYTES * 0.8 < len(packet) < MAX_XMP_BYTES
    start = time.process_time()
    xmp_keywords(packet)
    assert time.process_time() - start < 20, "far less where nothing else runs"
