"""Each test asserts the colours and the orientation that a person sees, in what the network gets."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.decoding import decode_augmentations, decode_thumbnail, open_photo, quiet_decoding
from clustertags.photos.files import DecodeLimits

LIMITS = DecodeLimits()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def square(data: bytes, resize: int = 64, crop: int = 56) -> np.ndarray:
    pixels = decode_augmentations(open_photo(data, LIMITS), resize, crop, "bicubic")[0]
    assert pixels.shape == (crop, crop, 3)
    assert pixels.dtype == np.uint8
    return pixels


def quarters(side: int = 128) -> Image.Image:
    """Red, green, blue, white: top left, top right, bottom left, bottom right."""
    image = Image.new("RGB", (side, side), "white")
    half = side // 2
    image.paste("red", (0, 0, half, half))
    image.paste((0, 255, 0), (half, 0, side, half))
    image.paste("blue", (0, half, half, side))
    return image


def corners(pixels: np.ndarray) -> list[tuple[int, int, int]]:
    """The quarters' colours, rounded to full steps."""
    at = [pixels.shape[0] // 6, -pixels.shape[0] // 6]
    return [tuple(int(value > 127) for value in pixels[y, x]) for y in at for x in at]


UPRIGHT = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)]


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"quality": 95}), ("PNG", {}), ("WEBP", {"lossless": True}), ("GIF", {}), ("BMP", {}), ("TIFF", {}),
     ("AVIF", {"quality": 90})],
)  # fmt: skip
def test_each_format_decodes_to_the_same_picture(kind: str, options: dict[str, object]) -> None:
    assert corners(square(encoded(quarters(), kind, **options))) == UPRIGHT


def test_heic_decodes_to_the_same_picture() -> None:
    # Made for this test: the same four quarters. Only an encoder could make it anew, and none is installed.
    data = (Path(__file__).parent / "data" / "quarters.heic").read_bytes()
    assert corners(square(data)) == UPRIGHT


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(orientation: int) -> None:
    undo: dict[int, Callable[[Image.Image], Image.Image]] = {
        1: lambda image: image,
        2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
        4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
        6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
        7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
        8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert corners(square(encoded(undo[orientation](quarters()), "JPEG", exif=exif, quality=95))) == UPRIGHT


def test_sixteen_bit_grey_does_not_turn_white() -> None:
    ramp = np.tile(np.linspace(0, 65535, 128).astype(np.uint16), (128, 1))
    pixels = square(encoded(Image.fromarray(ramp), "PNG"))
    columns = pixels[28, :, 0].astype(int)
    assert columns[0] < 40
    assert columns[-1] > 215
    assert np.all(np.diff(columns) >= 0)


def test_transparency_is_laid_on_white() -> None:
    image = Image.new("RGBA", (128, 128), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 64, 128))
    pixels = square(encoded(image, "PNG"))
    assert tuple(pixels[28, 5]) == (0, 0, 255)
    assert tuple(pixels[28, -5]) == (255, 255, 255)


def test_a_transparent_palette_colour_is_white() -> None:
    image = quarters().quantize(8)
    red = image.getpixel((2, 2))
    assert corners(square(encoded(image, "PNG", transparency=red)))[0] == (1, 1, 1)


def test_cmyk_jpeg_has_its_colours() -> None:
    assert corners(square(encoded(quarters().convert("CMYK"), "JPEG", quality=95))) == UPRIGHT


def test_an_icc_profile_is_applied() -> None:
    # A profile in which red and blue have changed places: read without it, the colours would be wrong.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"tmp_").replace(b"bXYZ", b"rXYZ").replace(b"tmp_", b"bXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    blue, green, red = quarters().split()
    data = encoded(Image.merge("RGB", (red, green, blue)), "PNG", icc_profile=swapped)
    assert corners(square(data)) == UPRIGHT


def of_curve(exponent: float) -> bytes:
    """The built-in profile, still called sRGB, with a power of this exponent in place of sRGB's curve."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    curve = struct.pack(">5i", *(round(65536 * value) for value in (exponent, 1, 0, 1, 0)))
    at = profile.find(b"para")
    while at >= 0:
        profile[at + 12 : at + 32] = curve
        at = profile.find(b"para", at + 1)
    return bytes(profile)


@pytest.mark.parametrize("exponent", [1.0, 1.8])
def test_a_profile_is_judged_by_its_curve_and_not_by_its_name(exponent: float) -> None:
    ramp = Image.linear_gradient("L").convert("RGB")
    profile = of_curve(exponent)
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    other = ImageCms.profileToProfile(ramp, ImageCms.createProfile("sRGB"), source, outputMode="RGB")
    read = square(encoded(other, "PNG", icc_profile=profile), 256, 256).astype(int)
    coarse = 12 if exponent == 1.0 else 4  # in the dark, where a linear 8 bits have few levels
    assert np.abs(read - np.asarray(ramp)).max() <= coarse
    assert np.abs(np.asarray(other, int) - np.asarray(ramp)).max() > coarse + 6


def test_a_photo_in_srgb_keeps_its_very_pixels() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    plain, tagged = (square(encoded(noise, "PNG", **options), 64, 64) for options in ({}, {"icc_profile": profile}))
    assert np.array_equal(plain, tagged)


def test_a_16_bit_tiff_whose_white_is_0_is_no_negative() -> None:
    grey = np.asarray(Image.linear_gradient("L"), np.uint16) * 257
    shown = []
    for white_is_zero in (False, True):
        image = Image.fromarray(65535 - grey if white_is_zero else grey)
        data = encoded(image, "TIFF", tiffinfo={262: 0 if white_is_zero else 1})
        assert open_photo(data, LIMITS).tag_v2[262] == (0 if white_is_zero else 1)  # type: ignore[attr-defined]
        shown.append(square(data))
    assert np.array_equal(*shown)


def test_lab_colours_are_read() -> None:
    lab = ImageCms.createProfile("LAB")
    in_lab = ImageCms.profileToProfile(quarters(), ImageCms.createProfile("sRGB"), lab, outputMode="LAB")
    assert corners(square(encoded(in_lab, "TIFF"))) == UPRIGHT


def test_a_broken_profile_and_broken_exif_do_not_cost_the_photo() -> None:
    data = encoded(quarters(), "JPEG", icc_profile=b"not a profile", exif=b"Exif\0\0broken", quality=95)
    with quiet_decoding():
        assert corners(square(data)) == UPRIGHT


def test_the_first_frame_of_an_animation_is_used() -> None:
    frames = [quarters(), Image.new("RGB", (128, 128), "black")]
    for kind in ("GIF", "WEBP"):
        assert corners(square(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))) == UPRIGHT


def test_the_middle_is_cut_after_the_short_side_is_shrunk() -> None:
    image = Image.new("RGB", (400, 100), "black")
    image.paste("white", (150, 0, 250, 100))
    pixels = square(encoded(image, "PNG"), resize=64, crop=64)
    assert pixels.min() > 230, "the middle 100 columns of a 400 x 100 photo are all that is seen"


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2)])
def test_tiny_and_narrow_photos_decode(size: tuple[int, int]) -> None:
    assert square(encoded(Image.new("RGB", size, "red"), "PNG"))[..., 0].min() == 255


def test_a_shrunk_jpeg_looks_like_the_full_decode() -> None:
    rng = np.random.default_rng(0)
    smooth = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize((1600, 1200), Image.BICUBIC)
    data = encoded(smooth, "JPEG", quality=92)
    full = smooth.resize((74, 56), Image.BICUBIC).crop((9, 0, 65, 56))
    difference = np.abs(square(data, resize=56, crop=56).astype(int) - np.asarray(full).astype(int))
    assert difference.mean() < 3


def test_too_many_pixels_are_refused_before_decoding() -> None:
    data = encoded(Image.new("1", (4000, 4000)), "PNG")
    with pytest.raises(UnreadablePhotoError, match=r"16 megapixels and the limit is 1 .*--max-megapixels"):
        open_photo(data, DecodeLimits(max_pixels=1_000_000))


def test_truncated_photos_are_unreadable() -> None:
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (200, 200, 3), dtype=np.uint8))
    for kind in ("JPEG", "PNG"):
        data = encoded(noise, kind)
        with pytest.raises(UnreadablePhotoError, match="damaged"):
            square(data[: len(data) // 2])


def test_a_thumbnail_is_small_upright_and_without_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "camera"
    quarters(600).crop((0, 0, 600, 300)).save(tmp_path / "a.jpg", exif=exif, quality=95)
    thumbnail = decode_thumbnail(tmp_path / "a.jpg", 100)
    assert thumbnail.size == (50, 100)
    assert thumbnail.mode == "RGB"
    assert not thumbnail.info
    assert not thumbnail.getexif()


def test_a_thumbnail_is_never_enlarged(tmp_path: Path) -> None:
    quarters(20).save(tmp_path / "a.png")
    assert decode_thumbnail(tmp_path / "a.png", 256).size == (20, 20)


def test_malformed_images_give_pixels_or_a_reason(shared: Path, capfd: pytest.CaptureFixture[str]) -> None:
    outcomes = {"decoded": 0, "refused": 0}
    with quiet_decoding():
        for path in sorted((shared / "bad-images").rglob("*")):
            if not path.is_file():
                continue
            try:
                square(path.read_bytes())
                outcomes["decoded"] += 1
            except UnreadablePhotoError as error:
                assert str(error)
                outcomes["refused"] += 1
    assert outcomes["decoded"] > 200
    assert outcomes["refused"] > 1000
    assert capfd.readouterr().err == "", "the libraries below write nothing to the terminal"


def test_augmentations_are_the_middle_its_mirror_image_the_whole_frame_and_both_ends() -> None:
    image = Image.new("RGB", (256, 128), "white")
    image.paste("red", (0, 0, 64, 128))
    image.paste("blue", (192, 0, 256, 128))
    image.paste((0, 255, 0), (64, 0, 128, 128))  # red, green, white, blue
    augmentations = decode_augmentations(open_photo(encoded(image, "PNG"), LIMITS), 64, 56, "bicubic", 5)
    assert augmentations.shape == (5, 56, 56, 3)
    middle, mirrored, whole, first, last = augmentations[:, 28]
    red, green, blue, white = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)

    def ends(row: np.ndarray) -> list[tuple[int, ...]]:
        return [tuple(int(value) for value in row[at]) for at in (7, 48)]

    assert ends(middle) == [green, white]
    assert ends(mirrored) == [white, green]
    assert ends(whole) == [red, blue]
    assert ends(first) == [red, green]
    assert ends(last) == [white, blue]
    alone = decode_augmentations(open_photo(encoded(image, "PNG"), LIMITS), 64, 56, "bicubic")
    np.testing.assert_array_equal(alone, augmentations[:1])
