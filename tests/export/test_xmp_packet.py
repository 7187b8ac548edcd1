"""Keywords go into XMP and out of it again; all else stays byte for byte."""

from __future__ import annotations

import codecs
import time
from pathlib import Path

import pytest

from clustertags.export.xmp_packet import Additions, merged
from clustertags.export.xmp_record import Record
from clustertags.export.xmp_source import NotEditableError, Source
from clustertags.export.xmp_undo import recorded, without
from tests.made.keywords import xmp
from tests.made.sidecars import DARKTABLE, DIGIKAM, LIGHTROOM, PLAIN, PROGRAMS, all_else, in_encoding, lists

TAGS = Additions(
    embedded=("embedded",),
    mine=(("animal", "dog"),),
    predicted=((("auto", "beach"), 0.934), (("snow",), 0.5)),
    model="0007",
)


def write(data: bytes | None, additions: Additions = TAGS) -> bytes:
    return merged(data, additions, "2026-01-02T03:04:05+00:00").data


def test_a_new_sidecar_has_every_tag_in_every_list() -> None:
    data = write(None)
    assert lists(data) == {
        "dc:subject": ["embedded", "dog", "animal", "beach", "auto", "snow"],
        "lr:hierarchicalSubject": ["animal|dog", "auto|beach", "embedded", "snow"],
        "digiKam:TagsList": ["animal/dog", "auto/beach", "embedded", "snow"],
    }
    assert without(data) is None
    record = recorded(data)
    assert record is not None
    assert (record.model, record.written) == ("0007", "2026-01-02T03:04:05+00:00")
    assert record.predicted == {"auto|beach": "0.93", "snow": "0.50"}
    assert set(record.derived) == {"animal", "auto", "beach", "auto|beach", "snow"}
    assert record.created == {"sidecar", "dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_sidecars_of_other_programs_keep_everything_and_each_list_gets_the_whole_union(name: str) -> None:
    before = PROGRAMS[name].encode()
    after = write(before)
    assert all_else(after) == all_else(before)
    old, new = lists(before), lists(after)
    for key, keywords in old.items():
        assert new[key][: len(keywords)] == keywords, "their own come first, in their order"
        assert len({text.casefold() for text in new[key]}) == len(new[key]), "nothing twice"
    assert {"animal|dog", "auto|beach", "embedded", "snow"} <= set(new["lr:hierarchicalSubject"])
    assert {"animal/dog", "auto/beach", "embedded", "snow"} <= set(new["digiKam:TagsList"])
    assert {"animal", "dog", "auto", "beach", "embedded", "snow"} <= set(new["dc:subject"])
    assert write(after) == after
    assert merged(after, TAGS, "2027-01-01").data == after, "the time alone is no reason to write"
    assert without(after) == before


def test_keywords_of_one_list_reach_the_others_in_their_own_spelling() -> None:
    new = lists(write(DIGIKAM.encode()))
    assert new["lr:hierarchicalSubject"][:2] == ["animal|cat", "animal|dog"]
    assert {"Friends & family", "seaside"} <= set(new["lr:hierarchicalSubject"])
    assert "seaside" in new["dc:subject"], "MicrosoftPhoto:LastKeywordXMP is read"
    lightroom = lists(write(LIGHTROOM.encode()))
    assert "places/France/Paris" in lightroom["digiKam:TagsList"]
    assert not {"Paris", "France", "places"} & set(lightroom["digiKam:TagsList"]), "the hierarchy holds them"


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("iso-8859-1", b""),
    ],
)
def test_encodings_line_ends_and_padding_stay(name: str, encoding: str, mark: bytes) -> None:
    text = PROGRAMS[name]
    if encoding == "iso-8859-1":
        text = '<?xml version="1.0" encoding="UTF-8"?>' + text[text.index("<x:xmpmeta") :].replace("holiday", "été")
        text = text[: text.index("</x:xmpmeta>")] + "</x:xmpmeta>"
    before = mark + in_encoding(text, encoding, newline="\r\n") + "\0 \n\0".encode(encoding)
    after = write(before, Additions(mine=(("été", "neige ☃"),)))
    assert after != before
    assert after.startswith(mark)
    assert without(after) == before
    added = after.decode("utf-16" if mark and "16" in encoding else encoding)
    assert "\n" not in added.replace("\r\n", "").rstrip("\0 \n"), "all line ends are the document's"
    assert Source(after).body.count(b"neige") >= 3
    if "16" not in encoding:
        assert "neige ☃" in lists(after.removeprefix(codecs.BOM_UTF8))["dc:subject"]


def test_lists_in_the_form_of_attributes_text_or_empty_elements() -> None:
    body = PLAIN[PLAIN.index("<x:xmpmeta") : PLAIN.index("<dc:subject>")] + "{}</rdf:Description></rdf:RDF></x:xmpmeta>"
    for form in ("<dc:subject>one</dc:subject>", "<dc:subject/>", "<dc:subject><rdf:Bag/></dc:subject>"):
        before = body.format(form).encode()
        after = write(before)
        own = ["one"] if "one" in form else []
        assert lists(after)["dc:subject"] == [*own, "embedded", "dog", "animal", "beach", "auto", "snow"]
        assert lists(without(after) or b"")["dc:subject"] == own
        assert all_else(after) == all_else(before)
    attribute = body.format("").replace("xmlns:dc=", 'dc:subject="one" xmlns:dc=').encode()
    after = write(attribute)
    assert lists(after)["dc:subject"][:2] == ["one", "embedded"]
    assert lists(after)["digiKam:TagsList"][-1] == "snow"
    assert lists(without(after) or b"")["dc:subject"] == ["one"]
    assert write(after) == after


def test_other_prefixes_and_default_namespaces() -> None:
    text = (
        PLAIN.replace("rdf:", "r:").replace("xmlns:rdf", "xmlns:r").replace("dc:", "d:").replace("xmlns:dc", "xmlns:d")
    )
    after = write(text.encode())
    assert lists(after)["dc:subject"][:3] == ["one", "two & <three>", "embedded"]
    assert without(after) == text.encode()
    empty = '<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    after = write(empty.encode())
    assert lists(after)["digiKam:TagsList"][0] == "animal/dog"
    assert lists(without(after) or b"") == {"dc:subject": [], "lr:hierarchicalSubject": [], "digiKam:TagsList": []}


def test_a_sidecar_that_an_earlier_version_wrote_is_understood() -> None:
    # Names and form are a file format: what was written once must be read, and undone, by every later version.
    data = (Path(__file__).parent / "data" / "written.xmp").read_bytes()
    assert lists(data) == lists(write(None))
    record = recorded(data)
    assert record is not None
    assert record.created == {
        "sidecar", "dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList", "photoshop:SidecarForExtension",
    }  # fmt: skip
    assert record.added["digiKam:TagsList"] == ("animal/dog", "auto/beach", "embedded", "snow")
    assert (record.model, record.written) == ("0007", "2026-01-02T03:04:05+00:00")
    assert record.predicted == {"auto|beach": "0.93", "snow": "0.50"}
    assert set(record.derived) == {"animal", "auto", "beach", "auto|beach", "snow"}
    assert without(data) is None
    assert b'<rdf:Description rdf:about="" ' in write(None), "no document but the file is meant"


def test_two_records_together_say_all_and_the_later_last() -> None:
    one = Record({"dc:subject": ("a", "b")}, frozenset({"sidecar"}), {"a": "0.10", "b": "0.20"}, ("a",), "0001", "2025")
    other = Record({"dc:subject": ("b", "c")}, frozenset({"dc:subject"}), {"b": "0.30"}, ("b", "a"), "0002", "2026")
    both = one.with_added(other)
    assert both.added == {"dc:subject": ("a", "b", "c")}
    assert both.created == {"sidecar", "dc:subject"}
    assert both.predicted == {"a": "0.10", "b": "0.30"}
    assert both.derived == ("a", "b")
    assert (both.model, both.written) == ("0002", "2026")
    assert one.with_added(Record()) == one
    assert Record().with_added(one) == one


def without_item(data: bytes, name: str, text: str) -> bytes:
    """The document without one item of one list, as a person takes it away."""
    start = data.index(f"<{name}>".encode())
    at = data.index(f"<rdf:li>{text}</rdf:li>".encode(), start)
    return data[:at] + data[at + len(f"<rdf:li>{text}</rdf:li>") :]


@pytest.mark.parametrize("name", ["dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList"])
def test_what_a_person_took_from_one_list_comes_back_in_none(name: str) -> None:
    again = Additions(mine=(("new",),), predicted=TAGS.predicted)
    rest = lists(write(without_item(write(PLAIN.encode()), name, "snow"), again))
    assert "snow" not in rest[name]
    assert all("new" in texts for texts in rest.values())


def test_a_list_that_another_program_dropped_says_nothing_but_the_list_of_words_does() -> None:
    whole = write(PLAIN.encode())

    def dropping(name: str) -> bytes:
        start, end = whole.index(f"<{name}>".encode()), whole.index(f"</{name}>".encode()) + len(f"</{name}>")
        return whole[:start] + whole[end:]

    for name in ("lr:hierarchicalSubject", "digiKam:TagsList"):
        assert lists(write(dropping(name)))[name], "written again"
    assert "snow" not in lists(write(dropping("dc:subject")))["dc:subject"]


def test_a_record_without_a_version_names_none() -> None:
    record = recorded(write(None, Additions(mine=(("cat",),))))
    assert record is not None
    assert record.model == ""


def test_names_that_would_break_xml_or_a_hierarchy() -> None:
    names = ("AC/DC", "a|b", "<&>\"'", "tab\there\0\x0b", "\ud800x", "\ufffe", "#", "x" * 400)
    data = write(None, Additions(mine=tuple((name,) for name in names)))
    found = lists(data)
    assert found["dc:subject"] == ["AC/DC", "a b", "<&>\"'", "tab here", "x", "x" * 400]
    assert found["lr:hierarchicalSubject"] == found["dc:subject"]
    assert found["digiKam:TagsList"] == ["AC／DC", "a b", "<&>\"'", "tab here", "x", "x" * 400]
    assert write(data, Additions(mine=(("AC/DC",), ("ac／dc",)))) == data


def test_compared_as_tags_are_not_as_text() -> None:
    before = xmp("Dog", "New  York")
    after = write(before, Additions(mine=(("dog",), ("#new york",))))
    assert lists(after)["dc:subject"] == ["Dog", "New  York"]
    assert lists(after)["lr:hierarchicalSubject"] == ["Dog", "New  York"]


def test_undo_takes_what_was_written_and_nothing_else() -> None:
    before = DARKTABLE.encode()
    after = write(before)
    changed = after.replace(b"<rdf:li>holiday</rdf:li>", b"<rdf:li>holiday</rdf:li>\n     <rdf:li>theirs</rdf:li>")
    changed = changed.replace(b"<rdf:li>snow</rdf:li>", b"<rdf:li>Snow at last</rdf:li>", 1)
    changed = changed.replace(b'Rating="3"', b'Rating="5"')
    left = without(changed)
    assert left is not None
    assert lists(left)["dc:subject"] == ["Paris", "holiday", "theirs", "Snow at last"]
    assert lists(left)["lr:hierarchicalSubject"] == ["places|France|Paris", "holiday", "theirs"]
    assert lists(left)["digiKam:TagsList"] == []
    assert b'Rating="5"' in left
    assert b"clustertags" not in left


def test_a_file_that_was_made_stays_where_a_person_added_something() -> None:
    after = write(None).replace(b"<rdf:Description ", b'<rdf:Description xmlns:q="u:q/" q:r="1" ', 1)
    left = without(after)
    assert left is not None
    assert b'q:r="1"' in left
    assert b"clustertags" not in left
    listed = write(None).replace(b"<rdf:li>snow</rdf:li>", b"<rdf:li>snow</rdf:li><rdf:li>theirs</rdf:li>", 1)
    left = without(listed)
    assert left is not None
    assert lists(left) == {"dc:subject": ["theirs"], "lr:hierarchicalSubject": [], "digiKam:TagsList": []}


def test_a_tag_that_the_person_removed_since_is_not_written_again() -> None:
    after = write(DARKTABLE.encode())
    removed = after.replace(b"\n     <rdf:li>snow</rdf:li>", b"")
    assert "snow" not in lists(removed)["dc:subject"]
    assert write(removed) == removed
    more = write(removed, Additions(mine=(("new",),), predicted=((("snow",), 0.9),)))
    assert "new" in lists(more)["dc:subject"]
    assert "snow" not in lists(more)["dc:subject"]
    theirs = write(removed, Additions(embedded=("snow",), predicted=((("snow",), 0.9),)))
    assert "snow" in lists(theirs)["dc:subject"], "it is in the photo itself now"


def test_a_prediction_that_the_person_confirms_is_theirs() -> None:
    after = write(None)
    confirmed = write(after, Additions(mine=(("animal", "dog"), ("snow",)), model="0008"))
    assert lists(confirmed) == lists(after)
    record = recorded(confirmed)
    assert record is not None
    assert "snow" not in record.derived
    assert "snow" not in record.predicted
    assert without(confirmed) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\0\0 ", "empty"),
        (DARKTABLE.encode()[:-30], "well-formed"),
        (b"<a/>", "no XMP"),
        (b"\xff\xfe" + "<a>".encode("utf-16-le") + b"x", "text is not"),
        (DARKTABLE.encode().replace(b"Paris", b"P\xffris"), "text is not"),
        (xmp("&a;", doctype='<!DOCTYPE x [<!ENTITY a "b">]>'), "document type"),
        (xmp("&a;", doctype='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "document type"),
        (xmp("a") + b" " * 2**20, "larger than 1 MiB"),
        (b"<?xml version='1.0' encoding='ebcdic-cp-us'?><a/>", "encoding"),
        (xmp(*map(str, range(6_000))), "keywords"),
        (b"<a>" * 100_000, "elements"),
        (xmp("x").replace(b"rdf:Bag", b"x:Bag"), "form"),
    ],
)
def test_what_cannot_be_edited_is_refused_at_once(data: bytes, reason: str) -> None:
    began = time.process_time()
    with pytest.raises(NotEditableError, match=reason):
        write(data)
    assert time.process_time() - began < 20, "far less where nothing else runs"
