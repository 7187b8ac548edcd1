"""Convert decoded pictures to 8-bit sRGB on white: palettes, bit depths, transparency and colour profiles."""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image, ImageCms

_ROUNDING = 3  # of 255: sRGB profiles of different makers differ by this in the darkest tones
_PHOTOMETRIC = 262  # TIFF 6.0, section 8: PhotometricInterpretation


def resizable(image: Image.Image) -> Image.Image:
    """The decoded photo in a mode that can be resampled: 8 bit, no palette."""
    mode = image.mode
    if mode in {"I", "F"} or mode.startswith("I;"):
        return _eight_bit(image)
    if mode in {"1", "P", "PA"}:
        if "transparency" in image.info or mode == "PA":
            return image.convert("RGBA")
        return image.convert("L" if mode == "1" else "RGB")
    if mode in {"L", "RGB"} and "transparency" in image.info:  # one colour stands for transparent
        return image.convert("RGBA")
    return image


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale 16-bit and floating-point grey to 8 bit; Pillow's own conversion would clip it to white."""
    values = np.asarray(image).astype(np.float32)
    if image.mode.startswith("I;16") and _white_is_zero(image):
        values = 65535 - values
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    highest = float(finite.max(initial=0.0))
    if image.mode == "F" and highest <= 1.0:
        scale = 255.0
    else:
        scale = 1.0 if highest <= 255.0 and image.mode in {"F", "I"} else 255.0 / max(65535.0, highest)
    return Image.fromarray(np.clip(finite * scale + 0.5, 0, 255).astype(np.uint8))


def _white_is_zero(image: Image.Image) -> bool:
    """Whether 0 is white in a TIFF; Pillow turns such pictures of 8 bits round, but not those of 16."""
    return getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0


def to_srgb(small: Image.Image, source: Image.Image) -> Image.Image:
    """The small picture in sRGB, transparency composited on white."""
    alpha = small.getchannel("A") if "A" in small.getbands() and small.mode in {"RGBA", "LA"} else None
    colours = small.convert({"RGBA": "RGB", "LA": "L"}[small.mode]) if alpha is not None else small
    managed = _colour_managed(colours, source.info.get("icc_profile"))
    colours = managed or colours.convert("RGB")
    if alpha is None:
        return colours
    return Image.composite(colours, Image.new("RGB", colours.size, "white"), alpha)


def _colour_managed(colours: Image.Image, profile: object) -> Image.Image | None:
    if colours.mode == "LAB":
        return ImageCms.applyTransform(colours, _lab_to_srgb())
    if not isinstance(profile, bytes) or colours.mode not in {"RGB", "L", "CMYK"}:
        return None
    transform = _transform(profile, colours.mode)
    return ImageCms.applyTransform(colours, transform) if transform else None


@functools.lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The transform from the profile to sRGB; None if it is sRGB already, malformed, or of another colour model."""
    try:
        transform = ImageCms.buildTransform(ImageCms.ImageCmsProfile(io.BytesIO(profile)), _srgb(), mode, "RGB")
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
