"""Kinds of PNG, JPEG, GIF and WebP, pixel by pixel with the values that were written, or refused by name."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.coded_colours import stated_profile
from clustertags.photos.decoding import decode_augmentations, open_photo, quiet_decoding, thumbnail_of
from clustertags.photos.files import DecodeLimits
from tests.made.pngs import GREY, GREY_ALPHA, PALETTE, RGB, RGBA, made_png
from tests.photos.test_tiff_variants import WITH_ALPHA, shares

LIMITS = DecodeLimits()
ROUNDING = 1.01
"""Of 255: Pillow cuts 16 bits to 8 and does not round."""


def shown(data: bytes) -> np.ndarray:
    with quiet_decoding():
        return np.asarray(thumbnail_of(data, 10_000, LIMITS), np.float64)


def worst(data: bytes, expected: np.ndarray) -> float:
    pixels = shown(data)
    assert pixels.shape[:2] == expected.shape[:2]
    return float(np.abs(pixels - np.broadcast_to(expected, pixels.shape)).max())


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def on_white(values: np.ndarray, n_colours: int) -> np.ndarray:
    colours, alpha = values[..., :n_colours], values[..., n_colours:] / 255
    return colours * alpha + 255 * (1 - alpha)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(
    ("colour_type", "n_samples", "bits"),
    [(GREY, 1, 1), (GREY, 1, 2), (GREY, 1, 4), (GREY, 1, 8), (GREY, 1, 16), (RGB, 3, 8), (RGB, 3, 16),
     (GREY_ALPHA, 2, 8), (GREY_ALPHA, 2, 16), (RGBA, 4, 8), (RGBA, 4, 16)],
)  # fmt: skip
def test_png_of_each_colour_type_and_depth(colour_type: int, n_samples: int, bits: int, interlaced: bool) -> None:
    values = np.round(shares(n_samples) * (2**bits - 1)).astype(np.int64)
    expected = values / (2**bits - 1) * 255
    if n_samples in {2, 4}:
        expected = on_white(expected, n_samples - 1)
    data = made_png(values, colour_type, bits, interlaced=interlaced)
    assert worst(data, expected) <= (WITH_ALPHA if n_samples in {2, 4} else ROUNDING)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("transparent", [False, True])
def test_png_with_a_palette(bits: int, interlaced: bool, transparent: bool) -> None:
    rng = np.random.default_rng(bits)
    palette = rng.integers(0, 256, (2**bits, 3), np.uint8)
    alpha = rng.integers(0, 256, 2**bits - 1, np.uint8)  # the last colour, without one of its own, is opaque
    places = rng.integers(0, 2**bits, (37, 53, 1))
    chunks = [(b"PLTE", palette.tobytes())] + ([(b"tRNS", alpha.tobytes())] if transparent else [])
    opacity = np.append(alpha, 255) if transparent else np.full(2**bits, 255)
    colours = np.concatenate([palette, opacity[:, None]], 1).astype(float)[places[..., 0]]
    data = made_png(places, PALETTE, bits, interlaced=interlaced, chunks=chunks)
    assert worst(data, on_white(colours, 3)) <= ROUNDING


@pytest.mark.parametrize(
    ("colour_type", "bits"), [(GREY, 1), (GREY, 2), (GREY, 4), (GREY, 8), (GREY, 16), (RGB, 8), (RGB, 16)]
)
def test_png_in_which_one_colour_is_transparent(colour_type: int, bits: int) -> None:
    n_samples = 3 if colour_type == RGB else 1
    values = np.round(shares(n_samples) * (2**bits - 1)).astype(np.int64)
    key = values[20, 30]
    values[:12, :20] = key
    expected = np.broadcast_to(values / (2**bits - 1) * 255, (*values.shape[:2], n_samples)).copy()
    upper_bits = 8 if (colour_type, bits) == (RGB, 16) else 0  # Pillow keeps no more of 16 bits in colour
    expected[(values >> upper_bits == key >> upper_bits).all(axis=-1)] = 255
    data = made_png(values, colour_type, bits, chunks=[(b"tRNS", struct.pack(f">{n_samples}H", *key))])
    assert worst(data, expected) <= ROUNDING


def test_of_an_animation_the_first_picture_is_seen() -> None:
    first = Image.fromarray(np.round(shares(3) * 255).astype(np.uint8))
    others = [Image.new("RGB", first.size, "black")] * 2
    assert worst(saved(first, "PNG", save_all=True, append_images=others), np.asarray(first)) == 0
    assert worst(saved(first, "WEBP", save_all=True, append_images=others, lossless=True), np.asarray(first)) == 0
    few = first.quantize(64)
    data = saved(few, "GIF", save_all=True, append_images=[other.quantize(2) for other in others])
    assert worst(data, np.asarray(few.convert("RGB"))) == 0


@pytest.mark.parametrize("background", [0, 3])
def test_a_transparent_gif_is_on_white(background: int) -> None:
    few = Image.fromarray(np.round(shares(3) * 255).astype(np.uint8)).quantize(16)
    expected = np.asarray(few.convert("RGB"), float).copy()
    expected[np.asarray(few) == 5] = 255
    assert worst(saved(few, "GIF", transparency=5, background=background), expected) == 0


def smooth(size: tuple[int, int] = (160, 120)) -> Image.Image:
    colours = np.random.default_rng(3).integers(0, 256, (4, 5, 3), np.uint8)
    return Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_jpeg_progressive_or_not_with_each_subsampling(progressive: bool, subsampling: str) -> None:
    data = saved(smooth(), "JPEG", quality=98, subsampling=subsampling, progressive=progressive)
    assert worst(data, np.asarray(smooth())) <= 12


def test_jpeg_of_ink_has_its_colours_with_and_without_ycck() -> None:
    inks = np.asarray(smooth().convert("CMYK")).copy()
    inks[..., 3] = 40
    expected = (255.0 - inks[..., :3]) * (255.0 - inks[..., 3:]) / 255
    data = saved(Image.fromarray(inks, "CMYK"), "JPEG", quality=98, subsampling=0)
    marker = data.index(b"Adobe")
    assert data[marker + 11] == 0, "Adobe's transform: none"
    assert worst(data, expected) <= 8
    ycck = saved(as_ycck(inks), "JPEG", quality=98, subsampling=0)
    marker = ycck.index(b"Adobe")
    assert worst(ycck[: marker + 11] + b"\2" + ycck[marker + 12 :], expected) <= 12


def as_ycck(inks: np.ndarray) -> Image.Image:
    """The components that a file marked as YCCK (ITU-T T.872, section 6.5.3) has for these inks.

    Its Y, Cb and Cr are those of the inks, and K is inverted; Pillow writes 255 less what it is given.
    """
    colours = Image.fromarray(inks[..., :3]).convert("YCbCr")
    return Image.fromarray(np.concatenate([255 - np.asarray(colours), inks[..., 3:]], -1), "CMYK")


@pytest.mark.parametrize(("marker", "named"), [(b"\xff\xc0", "damaged JPEG"), (b"\xff\xc3", "damaged JPEG")])
def test_a_jpeg_of_12_bits_or_lossless_is_refused(marker: bytes, named: str) -> None:
    data = bytearray(saved(smooth(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at : at + 2] = marker
    if marker == b"\xff\xc0":
        data[at + 4] = 12
    with pytest.raises(UnreadablePhotoError, match=named):
        shown(bytes(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_in_each_format(kind: str, orientation: int) -> None:
    upright: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1), 6: lambda a: a.swapaxes(0, 1)[:, ::-1],
        7: lambda a: a.swapaxes(0, 1)[::-1, ::-1], 8: lambda a: a.swapaxes(0, 1)[::-1],
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 98}, "AVIF": {"quality": 98}, "WEBP": {"lossless": True}}.get(kind, {})
    data = saved(smooth(), kind, exif=exif, **options)
    assert worst(data, upright[orientation](np.asarray(smooth()))) <= (12 if kind in {"JPEG", "AVIF"} else 0)


@pytest.mark.parametrize("size", [(1601, 1203), (1024, 768), (517, 2003)])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_decoded_smaller_shows_what_it_shows_in_full(size: tuple[int, int], mode: str) -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (6, 8, 3), np.uint8)
    picture = Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC).convert(mode)
    small = decode_augmentations(open_photo(saved(picture, "JPEG", quality=95), LIMITS), 73, 64, "bicubic", 5)
    full = decode_augmentations(open_photo(saved(picture, "TIFF"), LIMITS), 73, 64, "bicubic", 5)
    difference = np.abs(small.astype(int) - full.astype(int))
    assert difference.mean() < 2.5, "a block of eight that is started counts as whole, a quarter of a pixel here"
    assert np.percentile(difference, 99) <= 10


@pytest.mark.parametrize(("primaries", "transfer"), [(1, 13), (1, 6), (2, 2), (12, 13), (9, 16)])
def test_the_numbers_of_a_heif_count_as_those_of_a_png(primaries: int, transfer: int) -> None:
    numbers = {"color_primaries": primaries, "transfer_characteristics": transfer, "matrix_coefficients": 6}
    profile = stated_profile({"nclx_profile": numbers}, grey=False)
    assert profile == stated_profile({"cicp": (primaries, transfer)}, grey=False)
    assert (profile is None) == (primaries <= 2)
    assert stated_profile({"nclx_profile": numbers, "icc_profile": b"own"}, grey=False) == b"own"
