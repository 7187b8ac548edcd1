"""RAW files by their previews: what a person sees, in the orientation of the RAW file, or a reason."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.decoding import decode_augmentations, open_photo, quiet_decoding, thumbnail_of
from clustertags.photos.files import HEADER_BYTES, PHOTO_SUFFIXES, RAW_SUFFIXES, DecodeLimits, sniff_format
from clustertags.photos.keywords import read_keywords
from clustertags.photos.raw_previews import find_preview
from tests.made.keywords import xmp
from tests.made.raw_files import (
    MAKERS,
    SENSOR_VALUES,
    Directory,
    cr3,
    dng,
    jpeg,
    orf,
    raf,
    sensor,
    tiff,
)

LIMITS = DecodeLimits()
IPTC_SUNSET = b"\x1c\x02\x19\x00\x06sunset"
MAKERS_WITH_RAF = {**MAKERS, "raf": lambda preview, _: raf(preview)}


def halves(width: int = 320, height: int = 160) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


PREVIEW = jpeg(halves())


def colours(data: bytes) -> np.ndarray:
    """Two by two: the corners of the upright picture, each as which of red, green and blue is on."""
    small = np.asarray(thumbnail_of(data, 64, LIMITS)) > 127
    return small[:: len(small) - 1, :: small.shape[1] - 1].astype(int)


def test_all_are_photos_by_name() -> None:
    assert {f".{suffix}" for suffix in MAKERS_WITH_RAF} <= RAW_SUFFIXES < PHOTO_SUFFIXES


@pytest.mark.parametrize("suffix", MAKERS)
def test_the_preview_is_shown_in_the_orientation_of_the_raw_file(suffix: str) -> None:
    red, blue = [1, 0, 0], [0, 0, 1]
    assert colours(MAKERS[suffix](PREVIEW, 1)).tolist() == [[red, blue], [red, blue]]
    turned = MAKERS[suffix](PREVIEW, 6)
    assert thumbnail_of(turned, 64, LIMITS).size == (32, 64)
    assert colours(turned).tolist() == [[red, red], [blue, blue]]


def test_a_raf_is_shown_in_the_orientation_of_its_preview() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert thumbnail_of(raf(jpeg(halves(), exif=exif)), 64, LIMITS).size == (32, 64)


def test_the_orientation_is_applied_once_where_the_preview_states_it_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert thumbnail_of(dng(jpeg(halves(), exif=exif), 6), 64, LIMITS).size == (32, 64)


def test_what_the_network_gets_is_the_preview() -> None:
    for suffix, make in MAKERS_WITH_RAF.items():
        pixels = decode_augmentations(open_photo(make(PREVIEW, 1), LIMITS), 64, 56, "bicubic")
        expected = decode_augmentations(open_photo(PREVIEW, LIMITS), 64, 56, "bicubic")
        np.testing.assert_array_equal(pixels, expected, err_msg=suffix)


def test_the_smallest_preview_that_is_large_enough_is_read() -> None:
    sizes = [(160, 120), (1620, 1080), (3000, 2000)]
    previews = [Directory({}, {(0x0201, 0x0202): jpeg(Image.new("RGB", size))}) for size in sizes]
    assert open_photo(tiff(sensor(), *previews), LIMITS).size == (1620, 1080)
    assert open_photo(tiff(sensor(), *previews[:1]), LIMITS).size == (160, 120)
    assert open_photo(tiff(sensor(), previews[2], previews[0]), LIMITS).size == (3000, 2000)


@pytest.mark.parametrize("signature", [b"OLYMPUS\0II\x03\0", b"OM SYSTEM\0\0\0II\x04\0"])
def test_both_forms_of_the_olympus_note_are_read(signature: bytes) -> None:
    assert open_photo(orf(PREVIEW, signature=signature), LIMITS).size == (320, 160)


def test_keywords_of_the_raw_file_come_along() -> None:
    packet = xmp("beach", "dog")
    assert read_keywords(open_photo(dng(PREVIEW, 1, {0x02BC: packet}), LIMITS)) == ("beach", "dog")
    assert read_keywords(open_photo(cr3(PREVIEW, 1, packet), LIMITS)) == ("beach", "dog")
    assert read_keywords(open_photo(dng(PREVIEW, 1, {0x83BB: IPTC_SUNSET}), LIMITS)) == ("sunset",)


def test_a_plain_tiff_stays_a_tiff() -> None:
    pyramid = Directory(
        {0x0100: 8, 0x0101: 8, 0x0106: 2, 0x014A: [Directory({0x0106: 2})]}, {(0x0111, 0x0117): b"x" * 192}
    )
    assert find_preview(tiff(pyramid)) is None


@pytest.mark.parametrize(("side", "shown"), [(200, True), (100, False)])
def test_without_a_jpeg_a_thumbnail_of_some_size_is_read(side: int, shown: bool) -> None:
    # As Android's cameras write DNG: an RGB thumbnail, and the sensor's values.
    values = {0x0100: side, 0x0101: side, 0x0102: 8, 0x0103: 1, 0x0106: 2, 0x0115: 3, 0x0116: side, 0x0112: 1}
    first = Directory(
        {**values, 0xC612: bytes([1, 4, 0, 0]), 0x014A: [sensor()]}, {(0x0111, 0x0117): b"\xc8" * (3 * side * side)}
    )
    if shown:
        assert thumbnail_of(tiff(first), 64, LIMITS).size == (64, 64)
    else:
        with pytest.raises(UnreadablePhotoError, match="no preview picture inside"):
            open_photo(tiff(first), LIMITS)


def test_sensor_values_in_lossless_jpeg_are_no_preview() -> None:
    without = Directory(
        {0x0103: 7, 0x0106: 32803},
        {(0x0111, 0x0117): b"\xff\xd8\xff\xc3\0\x0b\x0e\0\x10\0\x18\1\1\x11\0" + SENSOR_VALUES},
    )
    with pytest.raises(UnreadablePhotoError, match=r"no preview picture inside: .* sensor's values alone"):
        open_photo(tiff(without), LIMITS)


def test_a_file_cut_short_says_so() -> None:
    for suffix in ("nef", "arw", "raf"):
        data = MAKERS_WITH_RAF[suffix](PREVIEW, 1)
        with quiet_decoding(), pytest.raises(UnreadablePhotoError, match=r"no preview picture inside|damaged"):
            thumbnail_of(data[: len(PREVIEW) // 2], 64, LIMITS)
    with pytest.raises(UnreadablePhotoError, match=r"cut short"):
        open_photo(raf(PREVIEW)[:400], LIMITS)


def _loop() -> bytes:
    """Two directories of which each comes after the other, and each below itself."""
    directory = struct.pack("<HHHII", 1, 0x014A, 4, 1, 8)
    return b"IIU\0\x08\0\0\0" + directory + struct.pack("<I", 26) + directory + struct.pack("<I", 8) + bytes(8)


def _chain() -> bytes:
    """Twenty thousand directories, each with 64 places of others below."""
    body = bytearray(b"IIU\0\x08\0\0\0")
    for at in range(20_000):
        here = 8 + 18 * at
        body += struct.pack("<HHHIII", 1, 0x014A, 4, 64, here, here + 18)
    return bytes(body) + bytes(300)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a loop": _loop,
    "a chain": _chain,
    "offset past the end": lambda: b"IIU\0" + struct.pack("<I", 2**32 - 1),
    "offset of nothing": lambda: b"IIRO" + bytes(8),
    "count past the end": lambda: tiff(Directory({0x0106: 32803}))[:-40] + b"\xff" * 40,
    "all ones": lambda: b"IIU\0\x08\0\0\0" + b"\xff" * 100_000,
    "raf of ones": lambda: b"FUJIFILMCCD-RAW " + b"\xff" * 1000,
    "raf of a header": lambda: b"FUJIFILMCCD-RAW ",
    "fill bytes": lambda: raf(b"\xff\xd8" + b"\xff" * 5_000_000),
    "boxes of no size": lambda: b"\0\0\0\x10ftypcrx \0\0\0\1" + b"\0\0\0\x08free" * 100_000,
    "a box of all": lambda: b"\0\0\0\x10ftypcrx \0\0\0\1" + b"\0\0\0\x01uuid" + b"\xff" * 8,
    "a preview that is none": lambda: cr3(PREVIEW).replace(b"\xff\xd8\xff", b"\0\0\0"),
    "a preview of itself": lambda: raf(PREVIEW)[:84] + struct.pack(">II", 0, 2**31) + bytes(100),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_at_once(case: str) -> None:
    data = HOSTILE[case]()
    began = time.process_time()
    with quiet_decoding(), pytest.raises(UnreadablePhotoError, match=r"\w"):
        thumbnail_of(data, 64, LIMITS)
    assert time.process_time() - began < 20, "far less where nothing else runs"


def test_broken_bytes_give_a_picture_or_a_reason() -> None:
    rng = np.random.default_rng(0)
    refused = 0
    began = time.process_time()
    with quiet_decoding():
        for suffix, make in MAKERS_WITH_RAF.items():
            whole = make(jpeg(halves(64, 48)), 1)
            for _ in range(60):
                data = bytearray(whole[: rng.integers(16, len(whole) + 1)])
                for at in rng.integers(4, len(data), 12):
                    data[at] = rng.integers(256)
                try:
                    assert max(thumbnail_of(bytes(data), 32, LIMITS).size) <= 32, suffix
                except UnreadablePhotoError as error:
                    assert str(error)
                    refused += 1
    assert refused > 100
    assert time.process_time() - began < 60, "far less where nothing else runs"


def test_formats_with_a_signature_are_told_by_it() -> None:
    told = {suffix: sniff_format(make(PREVIEW, 1)[:HEADER_BYTES]) for suffix, make in MAKERS_WITH_RAF.items()}
    as_tiff = dict.fromkeys(("dng", "nef", "arw", "pef", "srw"), "TIFF")
    assert told == {**dict.fromkeys(MAKERS_WITH_RAF, "RAW"), **as_tiff}
