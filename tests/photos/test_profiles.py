"""Colour profiles and PNG's colour chunks against float64: curve, matrix to XYZ under D50, linear sRGB, its curve."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.decoding import quiet_decoding, thumbnail_of
from clustertags.photos.files import DecodeLimits
from tests.made import profiles
from tests.made.profiles import Curve, gamma, identity, parametric, srgb_curve, table

ROUNDING = 1.6
"""Of 255: 8 bits out, and littleCMS's arithmetic. All made profiles have black at 0; others it adjusts."""
RESAMPLED = 4
"""Of 255: littleCMS resamples tables of four inks."""
LEFT_ALONE = 3.01
"""Of 255: a profile that is within this of sRGB is not applied."""


def cube() -> np.ndarray:
    """(64, 64, 3) uint8: colours all over the cube."""
    levels = np.arange(0, 256, 17, dtype=np.uint8)
    return np.stack(np.meshgrid(levels, levels, levels), -1).reshape(64, 64, 3)


def encoded(pixels: np.ndarray, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def shown(data: bytes) -> np.ndarray:
    with quiet_decoding():
        return np.asarray(thumbnail_of(data, 10_000, DecodeLimits()), np.float64)


def worst(data: bytes, expected: np.ndarray) -> float:
    pixels = shown(data)
    return float(np.abs(pixels - np.broadcast_to(expected, pixels.shape)).max())


CURVES: dict[str, Curve] = {
    "srgb": srgb_curve(),
    "gamma 1.8": gamma(1.8),
    "gamma 2.2": gamma(2.2),
    "linear": identity(),
    "table of 2": table(lambda x: x, 2),
    "table of 256": table(lambda x: x**1.5, 256),
    "table of 4096": table(lambda x: x**2.6, 4096),
    "type 0": parametric(0, 2.0),
    "type 1": parametric(1, 2.0, 1.1, -0.1),
    "type 2": parametric(2, 2.0, 0.9, 0.1, -0.01),
    "type 3": parametric(3, 2.0, 0.9, 0.1, 0.25, 0.1),
    "type 4": parametric(4, 2.0, 0.9, 0.05, 0.2, 0.1, 0.01, 0.0),
}
MATRICES = {
    "sRGB": profiles.SRGB_D50,
    "Adobe RGB": profiles.ADOBE_D50,
    "P3": profiles.P3_D50,
    "ProPhoto": profiles.PROPHOTO_D50,
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("version", [2, 4])
def test_curves_and_primaries_that_are_all_named_srgb(curve: str, matrix: str, version: int) -> None:
    curves, to_xyz = [CURVES[curve]] * 3, MATRICES[matrix]
    profile = profiles.matrix_profile(to_xyz, curves, version=version)
    expected = profiles.of_matrix(cube().astype(float), to_xyz, curves)
    is_srgb = (curve, matrix) == ("srgb", "sRGB")
    assert worst(encoded(cube(), "PNG", icc_profile=profile), expected) <= (LEFT_ALONE if is_srgb else ROUNDING)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
def test_a_profile_counts_in_each_format(kind: str) -> None:
    curves = [gamma(1.8), gamma(2.2), gamma(1.4)]
    profile = profiles.matrix_profile(profiles.P3_D50, curves)
    blocks = np.random.default_rng(0).integers(40, 216, (4, 4, 3)).astype(np.uint8).repeat(32, 0).repeat(32, 1)
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}
    data = encoded(blocks, kind, icc_profile=profile, **options.get(kind, {"lossless": True}))
    lossy = 4 if kind in options else 0
    expected = profiles.of_matrix(blocks.astype(float), profiles.P3_D50, curves)
    assert worst(data, expected) <= ROUNDING + lossy
    assert np.abs(expected - blocks).max() > 30


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG"])
def test_grey_profiles(curve: str, kind: str) -> None:
    ramp = np.arange(256, dtype=np.uint8)[None].repeat(16, 0)
    if kind == "JPEG":
        ramp = ramp.repeat(8, 1)
    options = {"quality": 100} if kind == "JPEG" else {}
    data = encoded(ramp, kind, icc_profile=profiles.grey_profile(CURVES[curve]), **options)
    written = np.asarray(Image.open(io.BytesIO(data)), float)
    assert worst(data, profiles.srgb_encoded(CURVES[curve].linear(written / 255))[..., None]) <= ROUNDING


def test_a_grey_profile_of_a_colour_picture_and_the_reverse_are_left_aside() -> None:
    assert worst(encoded(cube(), "PNG", icc_profile=profiles.grey_profile(identity())), cube()) == 0
    grey = cube()[..., 0]
    profile = profiles.matrix_profile(profiles.ADOBE_D50, [identity()] * 3)
    assert worst(encoded(grey, "PNG", icc_profile=profile), grey[..., None]) == 0


def test_transparent_and_palette_pictures_have_their_profile() -> None:
    profile = profiles.matrix_profile(profiles.SRGB_D50, [gamma(1.8)] * 3)
    expected = profiles.of_matrix(cube().astype(float), profiles.SRGB_D50, [gamma(1.8)] * 3)
    alpha = np.full((64, 64, 1), 128, np.uint8)
    on_white = expected * 128 / 255 + 255 * 127 / 255
    assert worst(encoded(np.concatenate([cube(), alpha], -1), "PNG", icc_profile=profile), on_white) <= ROUNDING
    few = Image.fromarray(cube()).quantize(64)
    expected = profiles.of_matrix(np.asarray(few.convert("RGB"), float), profiles.SRGB_D50, [gamma(1.8)] * 3)
    file = io.BytesIO()
    few.save(file, "PNG", icc_profile=profile)
    assert worst(file.getvalue(), expected) <= ROUNDING


def rotated(shares: np.ndarray) -> np.ndarray:
    """What a made RGB profile by a table shows: green, blue and red in place of red, green and blue, and lighter."""
    return 255 * shares[..., [1, 2, 0]] ** 0.9


def inked(shares: np.ndarray) -> np.ndarray:
    """What a made CMYK profile shows."""
    return 255 * (1 - 0.9 * shares[..., :3]) * (1 - shares[..., 3:])


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_profile_by_a_table_to_lab(kind: str) -> None:
    profile = profiles.grid_profile(b"RGB ", 3, 16, rotated)
    assert worst(encoded(cube(), kind, icc_profile=profile), rotated(cube() / 255)) <= 2.5


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_under_its_profile(kind: str) -> None:
    steps = np.arange(0, 256, 51, dtype=np.uint8)
    inks = np.stack(np.meshgrid(steps, steps, steps, steps), -1).reshape(36, 36, 4).repeat(8, 0).repeat(8, 1)
    profile = profiles.grid_profile(b"CMYK", 4, 6, inked)
    file = io.BytesIO()
    image = Image.frombytes("CMYK", inks.shape[1::-1], inks.tobytes())
    image.save(file, kind, icc_profile=profile, **({"quality": 100} if kind == "JPEG" else {}))
    if kind == "JPEG":
        assert b"Adobe" in file.getvalue()[:4096], "whose inks are stored inverted"
    assert worst(file.getvalue(), inked(inks / 255)) <= (2 * RESAMPLED if kind == "JPEG" else RESAMPLED)


def test_profiles_that_are_broken_cut_short_or_huge_are_left_aside() -> None:
    whole = profiles.matrix_profile(profiles.PROPHOTO_D50, [gamma(1.8)] * 3)
    wrong = [whole[:60], whole[:140], whole[:-40], b"", b"junk" * 50, whole.replace(b"RGB ", b"XYZ "),
             whole.replace(b"mntr", b"link"), whole.replace(b"mntr", b"nmcl"), whole + bytes(17 * 2**20)]  # fmt: skip
    for profile in wrong:
        for kind in ("TIFF", "WEBP", "JPEG"):
            options = {"lossless": True} if kind == "WEBP" else {}
            if kind == "JPEG" and len(profile) > 2**20:
                continue
            data = encoded(np.full((64, 64, 3), 99, np.uint8), kind, icc_profile=profile, **options)
            assert worst(data, np.full((1, 1, 3), 99.0)) <= 1, (kind, profile[:200])


def test_a_png_with_a_profile_of_two_megabytes_is_read() -> None:
    whole = profiles.matrix_profile(profiles.SRGB_D50, [gamma(1.8)] * 3)
    data = encoded(cube(), "PNG", icc_profile=whole + np.random.default_rng(0).bytes(2 * 2**20))
    assert worst(data, profiles.of_matrix(cube().astype(float), profiles.SRGB_D50, [gamma(1.8)] * 3)) <= ROUNDING


def with_chunks(pixels: np.ndarray, *chunks: tuple[bytes, bytes], **options: object) -> bytes:
    """A PNG with further chunks behind its header."""
    data = encoded(pixels, "PNG", **options)
    made = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return data[:33] + made + data[33:]


def gama(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chrm(*values: float) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values))


SRGB_CHRM = chrm(0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
ADOBE_CHRM = chrm(0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
SRGB_CHUNK = (b"sRGB", b"\0")


def cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, 0, 1])


def test_what_states_srgb_changes_no_pixel() -> None:
    whole = profiles.matrix_profile(profiles.P3_D50, [gamma(1.0)] * 3)
    for chunks, options in (
        ([SRGB_CHUNK], {}),
        ([gama(1.0), SRGB_CHUNK], {}),
        ([gama(0.45455), SRGB_CHRM], {}),
        ([gama(0.45455)], {}),
        ([gama(0)], {}),
        ([gama(1000)], {}),
        ([chrm(0, 0, 0, 0, 0, 0, 0, 0)], {}),
        ([chrm(0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3)], {}),
        ([cicp(1, 13)], {}),
        ([cicp(1, 13), gama(1.0)], {"icc_profile": whole}),
        ([cicp(2, 2)], {}),
    ):
        assert worst(with_chunks(cube(), *chunks, **options), cube()) == 0, chunks


def test_gamma_and_chromaticities_of_a_png() -> None:
    colours = cube().astype(float)
    linear = with_chunks(cube(), gama(1.0))
    assert worst(linear, profiles.srgb_encoded(colours / 255)) <= ROUNDING
    old_mac = with_chunks(cube(), gama(1 / 1.8), SRGB_CHRM)
    assert worst(old_mac, profiles.srgb_encoded((colours / 255) ** 1.8)) <= ROUNDING
    adobe = with_chunks(cube(), gama(1 / 2.2), ADOBE_CHRM)
    assert worst(adobe, profiles.of_matrix(colours, profiles.ADOBE_D50, [srgb_curve()] * 3)) <= ROUNDING + 0.5
    grey = with_chunks(cube()[..., 0], gama(1.0))
    assert worst(grey, profiles.srgb_encoded(colours[..., :1] / 255)) <= ROUNDING


def test_a_profile_counts_more_than_gamma_and_cicp_more_than_a_profile() -> None:
    curves = [gamma(1.8)] * 3
    profile = profiles.matrix_profile(profiles.SRGB_D50, curves)
    under_profile = profiles.of_matrix(cube().astype(float), profiles.SRGB_D50, curves)
    assert worst(with_chunks(cube(), gama(1.0), icc_profile=profile), under_profile) <= ROUNDING
    assert worst(with_chunks(cube(), cicp(2, 2), icc_profile=profile), under_profile) <= ROUNDING
    p3 = profiles.of_matrix(cube().astype(float), profiles.P3_D50, [srgb_curve()] * 3)
    assert worst(with_chunks(cube(), cicp(12, 13), icc_profile=profile), p3) <= ROUNDING + 0.5


@pytest.mark.parametrize("primaries", [1, 9])
@pytest.mark.parametrize(("transfer", "white", "black"), [(16, 0.5807, 0.0), (18, 0.75, 0.0), (8, 1.0, 0.0)])
def test_the_reference_white_of_hdr_is_white(primaries: int, transfer: int, white: float, black: float) -> None:
    # ITU-R BT.2408-7, table 1: diffuse white, 203 cd/m2, is 58 % of PQ's signal and 75 % of HLG's.
    levels = np.array([black, white / 2, white, 1.0])
    pixels = np.round(levels * 255).astype(np.uint8)[None, :, None].repeat(8, 0).repeat(3, 2)
    row = shown(with_chunks(pixels, cicp(primaries, transfer)))[0]
    assert row[0].max() <= 1
    assert 40 < row[1].mean() < 200
    assert row[2].min() >= 253
    assert row[3].min() >= 254


def test_a_png_that_ends_in_its_chunks_is_no_crash() -> None:
    data = with_chunks(cube(), cicp(12, 13))
    for end in range(33, 60):
        with pytest.raises(UnreadablePhotoError):
            shown(data[:end])
