"""Keywords inside photos and beside them; whatever is broken gives none."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from clustertags.photos.files import DecodeLimits
from clustertags.photos.keywords import MAX_LEVELS, packet_keywords, read_file_keywords, read_keywords
from clustertags.photos.xmp_keywords import MAX_XMP_BYTES
from tests.made.keywords import xmp


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


def windows_jpeg(value: bytes) -> bytes:
    """A JPEG with XPKeywords, as Windows' file manager writes them."""
    exif = Image.Exif()
    exif[0x9C9E] = value
    return jpeg(exif=exif)


def test_windows_own_keywords() -> None:
    assert read_keywords(windows_jpeg("beach;Ferien 2019; ;Füße\0".encode("utf-16-le"))) == (
        "beach",
        "Ferien 2019",
        "Füße",
    )
    assert read_keywords(windows_jpeg(b"b\0e\0a")) == ("be",), "an odd number of bytes"
    assert read_keywords(windows_jpeg(b"\x00\xd8\x00\xd8")) == (), "halves of characters"
    exif = Image.Exif()
    exif[0x9C9E] = "text"
    assert isinstance(read_keywords(jpeg(exif=exif)), tuple)


def test_a_files_header_is_enough(tmp_path: Path) -> None:
    data = windows_jpeg("dog\0".encode("utf-16-le"))
    (tmp_path / "a.jpg").write_bytes(data[: data.index(b"\xff\xda") + 14])
    assert read_file_keywords(tmp_path / "a.jpg", DecodeLimits()) == ("dog",)
    (tmp_path / "a.txt").write_text("no photo")
    assert read_file_keywords(tmp_path / "a.txt", DecodeLimits()) == ()


def test_paths_are_tidied_and_not_endless() -> None:
    assert read_keywords(iptc_jpeg(b"animal | dog|", b" | ")) == ("animal|dog",)
    assert packet_keywords(xmp("|".join(map(str, range(100_000))))) == (
        "|".join(map(str, range(100_000 - MAX_LEVELS, 100_000))),
    )


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
