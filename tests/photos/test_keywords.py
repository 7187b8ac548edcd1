"""Keywords inside photos and beside them; whatever is broken gives none."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from clustertags.photos.keywords import MAX_XMP_BYTES, read_keywords, read_sidecar
from tests.made.keywords import SUBJECT, xmp

HIERARCHY = "<lr:hierarchicalSubject><rdf:Bag>{}</rdf:Bag></lr:hierarchicalSubject>"
DIGIKAM = "<digiKam:TagsList><rdf:Seq>{}</rdf:Seq></digiKam:TagsList>"


def jpeg(**options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", **options)
    return file.getvalue()


def iptc_jpeg(*keywords: bytes) -> bytes:
    """A JPEG whose APP13 segment holds IPTC keywords, as Photoshop writes them."""
    data = b"".join(b"\x1c\x02\x19" + struct.pack(">H", len(keyword)) + keyword for keyword in keywords)
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)
    body = b"Photoshop 3.0\0" + resource
    plain = jpeg()
    return plain[:2] + b"\xff\xed" + struct.pack(">H", len(body) + 2) + body + plain[2:]


@pytest.mark.parametrize(
    ("kind", "option"), [("JPEG", "xmp"), ("WEBP", "xmp"), ("TIFF", "tiffinfo"), ("PNG", "pnginfo")]
)
def test_xmp_in_every_format(kind: str, option: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    packet = xmp("Cat", "Müller &amp; Söhne")
    png = PngInfo()
    png.add_itxt("XML:com.adobe.xmp", packet.rstrip(b"\0").decode())
    value = {"xmp": packet, "tiffinfo": {700: packet}, "pnginfo": png}[option]
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind, **{option: value})
    with Image.open(file) as image:
        assert read_keywords(image) == ("Cat", "Müller & Söhne")
    assert read_keywords(file.getvalue()) == ("Cat", "Müller & Söhne")


def test_iptc_keywords_in_utf8_and_latin1() -> None:
    assert read_keywords(iptc_jpeg(b"dog")) == ("dog",)
    assert read_keywords(iptc_jpeg(b"dog", "Füße".encode(), "Füße!".encode("latin-1"))) == ("dog", "Füße", "Füße!")


def test_each_keyword_once_and_the_sidecar_first() -> None:
    assert read_keywords(jpeg(xmp=xmp("a", " b ", "")), xmp("c", "a")) == ("c", "a", "b")
    assert read_keywords(jpeg()) == ()


def test_hierarchies_stand_in_for_missing_subjects() -> None:
    lightroom = xmp("places|France|Paris", "cat", form=HIERARCHY)
    assert read_keywords(jpeg(), lightroom) == ("Paris", "cat")
    assert read_keywords(jpeg(), xmp("places/Rome", form=DIGIKAM)) == ("Rome",)
    assert read_keywords(jpeg(), xmp("x", form=SUBJECT + HIERARCHY.replace("{}", "<rdf:li>a|b</rdf:li>"))) == ("x",)


def test_sidecars(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    assert read_sidecar(photo) is None
    (tmp_path / "a.XMP").write_bytes(b"capitals")
    assert read_sidecar(photo) == b"capitals"
    (tmp_path / "a.xmp").write_bytes(b"short")
    assert read_sidecar(photo) == b"short"
    (tmp_path / "a.jpg.xmp").write_bytes(b"long")
    assert read_sidecar(photo) == b"long"


def test_sidecars_that_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(xmp("secret"))
    (tmp_path / "link.xmp").symlink_to(tmp_path / "secret")
    (tmp_path / "folder.xmp").mkdir()
    (tmp_path / "large.xmp").write_bytes(b" " * (MAX_XMP_BYTES + 1))
    os.mkfifo(tmp_path / "pipe.xmp")
    for name in ("link.jpg", "folder.jpg", "large.jpg", "pipe.jpg", "n" * 300, "nul\0.jpg"):
        assert read_sidecar(tmp_path / name) is None


def test_hostile_xml_gives_no_keywords_and_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
    outside = f'<!DOCTYPE x [<!ENTITY l11 SYSTEM "file://{tmp_path}/secret">]>'
    for packet in (
        xmp("&l11;", doctype=bomb),
        xmp("&l11;", doctype=outside),
        xmp("cat")[:-60],
        xmp("cat") + b" " * MAX_XMP_BYTES + b"x",
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        "<a/>".encode("utf-16-be"),
        b"\xff" * 100,
    ):
        assert read_keywords(jpeg(), packet) == ()
    assert read_keywords(jpeg(), b"<a>" * 100_000) == ()


def test_very_many_keywords_are_bounded() -> None:
    assert len(read_keywords(jpeg(), xmp(*map(str, range(20_000))))) == 500


@pytest.mark.parametrize("data", [b"", b"not a photo", jpeg()[:30], iptc_jpeg(b"dog" * 20)[:60]])
def test_broken_photos(data: bytes) -> None:
    assert read_keywords(data) == ()


WHOLE = iptc_jpeg(b"dog", b"cat" * 30)


@settings(max_examples=200, deadline=None)
@given(st.integers(2, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_photo_never_raises(at: int, noise: bytes) -> None:
    assert isinstance(read_keywords(WHOLE[:at] + noise + WHOLE[at + len(noise) :]), tuple)
