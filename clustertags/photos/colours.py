"""Convert decoded pictures to 8-bit sRGB on white: palettes, bit depths, transparency and colour profiles."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from clustertags.photos.coded_colours import stated_profile
from clustertags.photos.tiff_variants import bits_per_sample, is_signed, white_is_zero

_MAX_PROFILE_BYTES = 16 * 2**20  # four inks on a fine grid have 4; the transforms of 64 are kept
_ROUNDING = 3  # of 255: sRGB profiles of different makers differ by this in the darkest tones


def resizable(image: Image.Image) -> Image.Image:
    """The decoded photo in a mode that can be resampled: 8 bit, no palette."""
    mode = image.mode
    if mode in {"I", "F"} or mode.startswith("I;") or (mode == "L" and is_signed(image)):
        return _eight_bit(image)
    if mode == "La":
        return image.convert("LA")
    if mode in {"1", "P", "PA"}:
        if "transparency" in image.info or mode == "PA":
            return image.convert("RGBA")
        return image.convert("L" if mode == "1" else "RGB")
    if mode in {"L", "RGB"} and "transparency" in image.info:  # one colour stands for transparent
        return image.convert("RGBA")
    return image


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale grey of more than 8 bits, signed or floating-point, to 8 bits; Pillow's own conversion would clip it."""
    values = np.asarray(image).astype(np.float32)
    bits = bits_per_sample(image)
    if is_signed(image):
        if bits == 8:  # which Pillow takes for unsigned
            values = np.where(values > 127, 0, values)
    elif image.mode == "I":
        values = np.where(values < 0, values + 2.0**32, values)  # Pillow has no unsigned 32 bits
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    white = _white_level(image, bits, float(finite.max(initial=0.0)))
    if white_is_zero(image):
        finite = white - finite
    grey = Image.fromarray(np.clip(finite * (255.0 / white) + 0.5, 0, 255).astype(np.uint8))
    if (transparent := image.info.get("transparency")) is not None:
        grey.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8)))
    return grey


def _white_level(image: Image.Image, bits: int | None, highest: float) -> float:
    """The value that is white: the highest that integers of up to 16 bits can have. Programs differ on 32 bits: there
    it is the first of 1 (floating-point), 255 and 65,535 that no value of the picture exceeds, else its highest value.
    """
    if image.mode == "L" or image.mode.startswith("I;") or bits == 16:
        levels = 2.0 ** (bits or 16)
        return levels / 2 - 1 if is_signed(image) else levels - 1
    usual = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
    return next((white for white in usual if highest <= white), highest)


def to_srgb(small: Image.Image, source: Image.Image) -> Image.Image:
    """The small picture in sRGB, transparency composited on white."""
    alpha = small.getchannel("A") if "A" in small.getbands() and small.mode in {"RGBA", "LA"} else None
    colours = small.convert({"RGBA": "RGB", "LA": "L"}[small.mode]) if alpha is not None else small
    managed = _colour_managed(colours, source.info)
    colours = managed or colours.convert("RGB")
    if alpha is None:
        return colours
    return Image.composite(colours, Image.new("RGB", colours.size, "white"), alpha)


def _colour_managed(colours: Image.Image, info: Mapping[Any, Any]) -> Image.Image | None:
    if colours.mode == "LAB":
        return ImageCms.applyTransform(colours, _lab_to_srgb())
    if colours.mode not in {"RGB", "L", "CMYK"}:
        return None
    profile = stated_profile(info, grey=colours.mode == "L")
    if profile is None or len(profile) > _MAX_PROFILE_BYTES:
        return None
    transform = _transform(profile, colours.mode)
    return ImageCms.applyTransform(colours, transform) if transform else None


@functools.lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The transform from the profile to sRGB; None if it is sRGB already, malformed, or of another colour model."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        flags = ImageCms.Flags.NOOPTIMIZE if mode == "L" else ImageCms.Flags.NONE
        transform = ImageCms.buildTransform(source, _srgb(), mode, "RGB", flags=flags)
        return None if mode == "RGB" and _changes_nothing(transform) else transform
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether it maps colours all over the cube to themselves, but for rounding: profiles of sRGB have many names, and
    some of other curves have it in theirs.
    """
    colours = _colours_of_the_cube()
    mapped = np.asarray(ImageCms.applyTransform(colours, transform), np.int16)
    return bool(np.abs(mapped - np.asarray(colours, np.int16)).max() <= _ROUNDING)


@functools.cache
def _colours_of_the_cube() -> Image.Image:
    levels = np.arange(0, 256, 17, dtype=np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1)
    return Image.fromarray(grid.reshape(len(levels), -1, 3))


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@functools.cache
def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB")
