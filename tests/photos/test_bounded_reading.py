"""What reads the structures of RAW files reads so much and no more, whatever they claim."""

from __future__ import annotations

import struct
import time

import pytest
from PIL import Image

from clustertags.photos.iso_boxes import boxes
from clustertags.photos.jpeg_header import jpeg_size
from clustertags.photos.tiff_directories import MAX_DIRECTORIES, MAX_VALUES, Tiff
from tests.made.raw_files import Directory, box, jpeg, tiff


def frame(marker: int, bits: int, components: int = 3) -> bytes:
    """The start of a JPEG with a frame of 24 by 16 pixels."""
    body = struct.pack(">BHHB", bits, 16, 24, components) + bytes(3 * components)
    return b"\xff\xd8\xff" + bytes([marker]) + struct.pack(">H", 2 + len(body)) + body


@pytest.mark.parametrize(
    ("marker", "bits", "components", "size"),
    [
        (0xC0, 8, 3, (24, 16)),
        (0xC2, 8, 1, (24, 16)),
        (0xC0, 12, 3, None),
        (0xC3, 8, 3, None),
        (0xC3, 14, 2, None),
        (0xC0, 8, 2, None),
        (0xDA, 8, 3, None),
    ],
)
def test_frames_that_photo_programs_read_are_told(
    marker: int, bits: int, components: int, size: tuple[int, int] | None
) -> None:
    data = frame(marker, bits, components)
    assert jpeg_size(data, 0, len(data)) == size


def test_a_jpeg_is_measured_within_its_span_alone() -> None:
    data = b"before" + jpeg(Image.new("RGB", (30, 20)), exif=Image.Exif()) + b"after"
    assert jpeg_size(data, 6, len(data) - 5) == (30, 20)
    assert jpeg_size(data, 6, 40) is None
    assert jpeg_size(data, 5, len(data)) is None


def test_fill_bytes_without_end_are_given_up() -> None:
    data = b"\xff\xd8" + b"\xff" * 60_000_000
    began = time.process_time()
    assert jpeg_size(data, 0, len(data)) is None
    assert time.process_time() - began < 3, "a byte at a time takes longer, a search far less"


def test_no_more_directories_are_read_than_a_camera_writes() -> None:
    chain = tiff(*(Directory({0x0100: number}) for number in range(3 * MAX_DIRECTORIES)))
    found = list(Tiff(chain, 0, "<").directories(struct.unpack_from("<I", chain, 4)[0]))
    assert [directory.integer(0x0100) for directory in found] == list(range(MAX_DIRECTORIES))


def test_values_are_read_within_the_file_alone() -> None:
    long = tiff(Directory({0x0111: list(range(500)), 0x02BC: b"x" * 100}))
    first = Tiff(long, 0, "<").directory(struct.unpack_from("<I", long, 4)[0])
    assert first is not None
    assert first.integers(0x0111) == tuple(range(MAX_VALUES))
    assert first.block(0x02BC, 100) == b"x" * 100
    assert first.block(0x02BC, 99) == b""
    past = bytearray(long)
    for entry in range(2):
        struct.pack_into("<I", past, struct.unpack_from("<I", long, 4)[0] + 2 + 12 * entry + 8, len(long) - 2)
    first = Tiff(bytes(past), 0, "<").directory(struct.unpack_from("<I", long, 4)[0])
    assert first is not None
    assert (first.integers(0x0111), first.block(0x02BC, 1000)) == ((), b"")


def test_no_more_boxes_are_read_than_a_camera_writes() -> None:
    assert len(list(boxes(box(b"free") * 1000, 0, 8000))) == 256


def test_a_box_that_does_not_fit_ends_the_list() -> None:
    whole = box(b"free", b"12")
    for broken in (b"\0\0\0\xffmoov", b"\0\0\0\x04moov", b"\0\0\0\x01moov" + b"\xff" * 8, b"\0\0\0\x10uuid" + bytes(8)):
        data = whole + broken
        assert [found.kind for found in boxes(data, 0, len(data))] == [b"free"], broken
