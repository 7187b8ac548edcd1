from __future__ import annotations

import io
import os
from pathlib import Path

import pi_heif
import pytest
from PIL import Image

from clustertags.errors import UnreadablePhotoError, UsageError
from clustertags.photos.files import HEADER_BYTES, DecodeLimits, has_photo_suffix, read_file, sniff_format


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_formats_are_told_by_content(kind: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, kind)
    assert sniff_format(stream.getvalue()[:HEADER_BYTES]) == kind


def test_heic_brands_are_told_from_avif_and_video() -> None:
    def box(*brands: bytes) -> bytes:
        return b"\0\0\0\x1cftyp" + brands[0] + b"\0\0\0\0" + b"".join(brands[1:])

    assert sniff_format(box(b"heic", b"mif1", b"heic")) == "HEIF"
    assert sniff_format(box(b"mif1", b"mif1", b"avif")) == "AVIF"
    assert sniff_format(box(b"isom", b"isom", b"mp42")) is None
    assert pi_heif.is_supported(box(b"heic", b"mif1", b"heic")), "the library that decodes HEIC agrees"


@pytest.mark.parametrize("head", [b"", b"BM", b"BMW is a car, not a bitmap", b"<svg>", b"\xff\xd8", b"RIFF____WAVE"])
def test_what_is_no_photo_is_not_taken_for_one(head: bytes) -> None:
    assert sniff_format(head) is None


def test_endings_are_read_without_case() -> None:
    assert has_photo_suffix("a/B.JPEG")
    assert has_photo_suffix("x.hEiC")
    assert not has_photo_suffix("notes.txt")
    assert not has_photo_suffix("jpg")


def test_reading_refuses_what_is_not_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"data")
    (tmp_path / "link.png").symlink_to(tmp_path / "photo.png")
    os.mkfifo(tmp_path / "pipe.png")
    limits = DecodeLimits()
    assert read_file(tmp_path / "photo.png", limits) == b"data"
    assert read_file(tmp_path / "link.png", limits, follow_links=True) == b"data"
    for name in ("link.png", "pipe.png", ".", "missing.png", "nul\0.png"):
        with pytest.raises(UnreadablePhotoError):
            read_file(tmp_path / name, limits)


@pytest.mark.skipif(not hasattr(os, "O_NOATIME"), reason="this system marks every file that is read")
def test_reading_leaves_no_trace_in_the_times(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"data")
    os.utime(photo, (1, 1))
    read_file(photo, DecodeLimits())
    assert photo.stat().st_atime == 1


def test_a_sparse_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "sparse.png").open("wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(UnreadablePhotoError, match=r"5,120 MiB and the limit is 512 MiB"):
        read_file(tmp_path / "sparse.png", DecodeLimits())


def test_limits_below_one_are_wrong_use() -> None:
    with pytest.raises(UsageError):
        DecodeLimits(max_pixels=0)
