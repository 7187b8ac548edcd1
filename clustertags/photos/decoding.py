"""Decode a file's bytes into pixels for a network or a page: upright, sRGB, 8 bit, on white.

Photos are shrunk as early as the format allows: a JPEG is decoded at the smallest of its own scales (1, 1/2, 1/4, 1/8)
that covers the requested size, and colour management and orientation are applied to the small picture.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import io
import struct
import sys
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError, _imaging

from clustertags.errors import UnreadablePhotoError
from clustertags.photos import png_variants, tiff_variants
from clustertags.photos.colours import resizable, to_srgb
from clustertags.photos.files import HEADER_BYTES, DecodeLimits, read_file, sniff_format
from clustertags.photos.raw_previews import find_preview

# This package checks its own pixel limit in the header, before anything is decoded; Pillow would warn below it.
Image.MAX_IMAGE_PIXELS = None

# Imported per format: importing all of Pillow's readers takes longer than decoding a photo.
_PILLOW_READERS = {
    "JPEG": "PIL.JpegImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
    "GIF": "PIL.GifImagePlugin",
    "BMP": "PIL.BmpImagePlugin",
    "TIFF": "PIL.TiffImagePlugin",
    "AVIF": "PIL.AvifImagePlugin",
}

# Errors of Pillow's readers on malformed files, as found by its own fuzzers and in collections of bad images.
_MALFORMED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)

# Two photos of this size decoded at once could take a gigabyte; they wait for each other instead.
_LARGE_PIXELS = 40_000_000
_one_large_at_a_time: AbstractContextManager[object] = threading.Lock()


def share_large_lock(lock: AbstractContextManager[object]) -> None:
    """Let `lock` see to it that one large photo is decoded at a time: one that several processes share."""
    global _one_large_at_a_time  # noqa: PLW0603
    _one_large_at_a_time = lock


_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}

_MAX_PNG_TEXT_BYTES = 16 * 2**20
_ORIENTATION = 0x0112  # the EXIF tag
_IPTC_RESOURCE = 0x0404  # of a Photoshop block, where Pillow looks for the IPTC block of a JPEG
_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

WHOLE_FRAME = 2
"""The place of the whole frame among the augmentations."""

Box: TypeAlias = tuple[float, float, float, float]


@contextmanager
def quiet_decoding() -> Iterator[None]:
    """Ignore Pillow's warnings about malformed metadata, which name no file."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def open_photo(data: bytes, limits: DecodeLimits) -> Image.Image:
    """Return the photo with its header read and nothing decoded; of a RAW file its preview, with the RAW file's
    orientation and keywords. Raises `UnreadablePhotoError`.
    """
    kind = sniff_format(data[:HEADER_BYTES])
    if kind is None:
        raise UnreadablePhotoError("not a photo in a format that can be read")
    preview = find_preview(data) if kind in {"RAW", "TIFF"} else None
    if preview is None:
        return _open(data, "TIFF" if kind == "RAW" else kind, limits)
    image = _open(preview.jpeg, "JPEG", limits)
    if preview.orientation is not None:
        with _decoding(image):
            image.getexif()[_ORIENTATION] = preview.orientation
    if preview.xmp:
        image.info["xmp"] = preview.xmp
    if preview.iptc:
        image.info["photoshop"] = {_IPTC_RESOURCE: preview.iptc}
    return image


def _open(data: bytes, kind: str, limits: DecodeLimits) -> Image.Image:
    register_reader(kind)
    try:
        image = Image.open(io.BytesIO(data), formats=(kind,))
        if kind == "TIFF":
            tiff_variants.correct(image)
        elif kind == "PNG":
            png_variants.correct(image, data)
    except UnidentifiedImageError as error:
        raise UnreadablePhotoError(_unidentified(data, kind)) from error
    except _MALFORMED as error:
        raise UnreadablePhotoError(f"damaged {kind}: {_first_line(error)}") from error
    n_pixels = image.width * image.height
    if n_pixels > limits.max_pixels:
        raise UnreadablePhotoError(
            f"it has {n_pixels / 1e6:,.0f} megapixels and the limit is {limits.max_pixels / 1e6:,.0f} "
            "(raise it with --max-megapixels)"
        )
    if n_pixels == 0:
        raise UnreadablePhotoError("it has no pixels")
    return image


def _unidentified(data: bytes, kind: str) -> str:
    """Why Pillow does not know a file of this kind."""
    reason = None
    if kind == "TIFF":
        with suppress(*_MALFORMED):
            reason = tiff_variants.refusal(data)
    return reason or f"damaged {kind}: its header cannot be read"


def decode_augmentations(
    image: Image.Image, resize_pixels: int, crop_pixels: int, resample: str, n_augmentations: int = 1
) -> NDArray[np.uint8]:
    """Augmentations of a photo: (n_augmentations, crop, crop, 3) uint8, sRGB; at most five.

    In this order: the centre crop after resizing the short side to `resize_pixels`, the same mirrored, the whole frame
    squeezed to a square, the squares at the two ends of the long side.

    Resizing and cropping are one resampling of that part of the photo. Raises `UnreadablePhotoError`.
    """
    with _decoding(image):
        _shrink_while_loading(image, resize_pixels)
        boxes = _crop_boxes(image.size, crop_pixels / resize_pixels)
        size, method = (crop_pixels, crop_pixels), _RESAMPLING[resample]

        def crop(box: Box) -> NDArray[np.uint8]:
            return np.asarray(_upright(to_srgb(_resampled(image, size, box, method), image), image))

        centre = crop(boxes[0])
        augmentations = [centre, centre[:, ::-1], *(crop(box) for box in boxes[1 : max(n_augmentations - 1, 1)])]
        return np.stack(augmentations[:n_augmentations])


def _crop_boxes(size: tuple[int, int], crop_share: float) -> list[Box]:
    """The centre crop, the whole frame, and the squares at the two ends of the long side."""
    width, height = size
    short = min(size)
    side = short * crop_share
    left, top = (width - side) / 2, (height - side) / 2
    ends: list[Box] = [(0, 0, short, short), (width - short, height - short, width, height)]
    return [(left, top, left + side, top + side), (0, 0, width, height), *ends]


def decode_thumbnail(path: Path, side_pixels: int, limits: DecodeLimits | None = None) -> Image.Image:
    """Return the photo at most `side_pixels` on its long side: RGB, upright, sRGB, without metadata.

    Raises `UnreadablePhotoError`.
    """
    limits = limits or DecodeLimits()
    return thumbnail_of(read_file(path, limits), side_pixels, limits)


def thumbnail_of(data: bytes, side_pixels: int, limits: DecodeLimits) -> Image.Image:
    """The same from the file's bytes."""
    image = open_photo(data, limits)
    with _decoding(image):
        scale = min(1.0, side_pixels / max(image.size))
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        _shrink_while_loading(image, min(size))
        small = _resampled(image, size, (0, 0, *image.size), Image.Resampling.LANCZOS)
        result = _upright(to_srgb(small, image), image)
        return Image.frombytes("RGB", result.size, result.tobytes())


@contextmanager
def _decoding(image: Image.Image) -> Iterator[None]:
    pixels_at_once = (
        image.width * image.height // (4 if image.format in {"JPEG", "MPO"} else 1)
    )  # JPEGs are shrunk first
    large = pixels_at_once > _LARGE_PIXELS
    try:
        with _one_large_at_a_time if large else nullcontext():
            yield
    except _MALFORMED as error:
        raise UnreadablePhotoError(f"damaged {image.format}: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    text = str(error).strip().split("\n")[0][:120]
    return text or type(error).__name__


@functools.cache
def register_reader(kind: str) -> None:
    """Make Pillow's reader of a format known; the formats are those of `photos.files.sniff_format`."""
    if kind == "HEIF":
        import pi_heif  # noqa: PLC0415

        pi_heif.register_heif_opener(thumbnails=False)
    else:
        importlib.import_module(_PILLOW_READERS[kind])
    if kind == "PNG":  # a profile in it may have so many bytes; what all its texts have together is limited, too
        sys.modules[_PILLOW_READERS[kind]].MAX_TEXT_CHUNK = _MAX_PNG_TEXT_BYTES  # type: ignore[attr-defined]
    if kind == "TIFF":
        # Pillow's own reader of what is not compressed takes 16 bits in planes apart for 8.
        sys.modules[_PILLOW_READERS[kind]].READ_LIBTIFF = True  # type: ignore[attr-defined]
        _silence_libtiff()


def _silence_libtiff() -> None:
    """Stop libtiff from writing to the process's standard error; Pillow still raises what it cannot decode."""
    try:
        library = ctypes.CDLL(_imaging.__file__)
        library.TIFFSetErrorHandler(None)
        library.TIFFSetWarningHandler(None)
    except (OSError, AttributeError):  # a Pillow with another libtiff; its messages do no harm
        return


def _shrink_while_loading(image: Image.Image, short_side_pixels: int) -> None:
    scale = short_side_pixels / min(image.size)
    if scale < 1:
        image.draft(None, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    image.load()


def _resampled(image: Image.Image, size: tuple[int, int], box: Box, method: Image.Resampling) -> Image.Image:
    source = resizable(image)
    return source.resize(size, method, box=box, reducing_gap=3.0)


def _upright(small: Image.Image, source: Image.Image) -> Image.Image:
    try:
        orientation = source.getexif().get(_ORIENTATION, 1)
    except _MALFORMED:
        return small
    transposition = _TRANSPOSITIONS.get(orientation) if isinstance(orientation, int) else None
    return small if transposition is None else small.transpose(transposition)
