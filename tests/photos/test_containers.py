"""Files of phones that hold more than one picture: the main one is what is seen, turned once."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from clustertags.photos.files import HEADER_BYTES, sniff_format
from tests.made.heic import quarters_heic
from tests.photos.test_decoding import UPRIGHT, corners, encoded, quarters, square

TURNED_LEFT = [UPRIGHT[1], UPRIGHT[3], UPRIGHT[0], UPRIGHT[2]]
VIDEO = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(2000)
BLACK = Image.new("RGB", (64, 64), "black")


@pytest.mark.parametrize("orientation", [None, 1, 6, 8])
def test_a_heic_is_turned_once(orientation: int | None) -> None:
    assert corners(square(quarters_heic([0], 0, orientation))) == UPRIGHT
    assert corners(square(quarters_heic([1], 0, orientation))) == TURNED_LEFT


@pytest.mark.parametrize(("primary", "seen"), [(0, UPRIGHT), (1, TURNED_LEFT)])
def test_of_several_images_in_a_heic_the_primary_is_seen(primary: int, seen: list[tuple[int, ...]]) -> None:
    assert corners(square(quarters_heic([0, 1], primary))) == seen


def test_an_avif_is_turned_once_and_its_first_image_seen() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = quarters().transpose(Image.Transpose.ROTATE_90)
    assert corners(square(encoded(turned, "AVIF", quality=90, exif=exif))) == UPRIGHT
    several = encoded(quarters(), "AVIF", quality=90, save_all=True, append_images=[Image.new("RGB", (128, 128))])
    assert sniff_format(several[:HEADER_BYTES]) == "AVIF"
    assert corners(square(several)) == UPRIGHT


def test_of_an_ultra_hdr_photo_the_main_picture_is_seen() -> None:
    # A JPEG with a gain map behind it, listed in a multi-picture block, is what `MPO` writes.
    data = encoded(quarters(), "MPO", quality=95, save_all=True, append_images=[BLACK])
    assert len(Image.open(io.BytesIO(data)).getexif()) == 0
    assert Image.open(io.BytesIO(data)).n_frames == 2
    assert corners(square(data)) == UPRIGHT


def test_of_a_motion_photo_the_picture_is_seen() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = quarters().transpose(Image.Transpose.ROTATE_90)
    assert corners(square(encoded(turned, "JPEG", quality=95, exif=exif) + VIDEO)) == UPRIGHT
