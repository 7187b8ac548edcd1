"""The many kinds of TIFF: which are read, with what corrections, and what is said of the others.

Pillow's own table (`PIL.TiffImagePlugin.OPEN_INFO`) decides what opens. Some of what it opens it would show wrong.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from PIL import Image, ImagePalette

from clustertags.errors import UnreadablePhotoError

# TIFF 6.0, sections 8, 16, 18, 19 and 23; TIFF Technical Note 2 and later registrations for the compressions.
_BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _PLANAR = 258, 259, 262, 277, 284
_COLOR_MAP, _INK_SET, _SAMPLE_FORMAT = 320, 332, 339
_WHITE_IS_ZERO, _INKS, _APART, _NOT_CMYK, _SIGNED, _WEBP = 0, 5, 2, 2, 2, 50001

_PHOTOMETRICS = {
    0: "grey (white is zero)", 1: "grey", 2: "RGB", 3: "palette", 4: "mask", 5: "CMYK", 6: "YCbCr",
    8: "Lab", 9: "ICC Lab", 10: "ITU Lab", 32844: "LogL", 32845: "LogLuv",
}  # fmt: skip
_FORMATS = {1: "unsigned", 2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
_COMPRESSIONS = {
    1: "none", 2: "CCITT RLE", 3: "CCITT G3", 4: "CCITT G4", 5: "LZW", 6: "old JPEG", 7: "JPEG", 8: "deflate",
    9: "JBIG", 10: "JBIG", 32773: "PackBits", 32946: "deflate", 33003: "JPEG 2000", 33005: "JPEG 2000",
    34661: "JBIG", 34712: "JPEG 2000", 34887: "LERC", 34892: "lossy JPEG", 34925: "LZMA", 34933: "PNG",
    34934: "JPEG XR", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip

# libtiff hands samples over in the machine's order; Pillow unpacks these in the file's.
_NATIVE = {
    "F;32F": "F;32NF", "F;32BF": "F;32NF", "I;32S": "I;32NS", "I;32BS": "I;32NS", "I;16S": "I;16NS", "I;16BS": "I;16NS",
}  # fmt: skip


def correct(image: Image.Image) -> None:
    """Make Pillow decode an opened TIFF as it is meant.

    Raises `UnreadablePhotoError` with the kind of TIFF where it would show other colours.
    """
    tags = _tags(image)
    wrong = (
        tags.get(_PLANAR) == _APART and image.mode in {"LA", "La", "PA", "LAB"},
        tags.get(_PHOTOMETRIC) == _INKS and tags.get(_INK_SET) == _NOT_CMYK,
        tags.get(_COMPRESSION) == _WEBP,  # Pillow's libtiff is built without it
    )
    if any(wrong):
        raise UnreadablePhotoError(_refusal(tags))
    if image.mode in {"P", "PA"} and max(tags[_COLOR_MAP]) < 256:  # of 8 bits, as programs wrote that misread TIFF 6.0
        image.palette = ImagePalette.raw("RGB;L", bytes(tags[_COLOR_MAP]))
    image.tile = [tile._replace(args=_native(tile.args)) for tile in image.tile]  # type: ignore[attr-defined]


def _native(arguments: Any) -> Any:
    raw_mode, *others = arguments
    return (_NATIVE.get(raw_mode, raw_mode), *others)


def white_is_zero(image: Image.Image) -> bool:
    """Whether 0 is white in a TIFF of one sample; Pillow turns pictures of up to 8 bits round, but no others."""
    return bool(_tags(image).get(_PHOTOMETRIC) == _WHITE_IS_ZERO)


def is_signed(image: Image.Image) -> bool:
    """Whether the samples of a TIFF are signed integers."""
    return set(_values(_tags(image).get(_SAMPLE_FORMAT, 1))) == {_SIGNED}


def bits_per_sample(image: Image.Image) -> int | None:
    """Bits of a sample of a TIFF, None for other formats."""
    tags = _tags(image)
    return int(max(_values(tags.get(_BITS, 1)))) if tags else None


def refusal(data: bytes) -> str | None:
    """What is said of a TIFF that Pillow does not open: its kind, or None where its first directory cannot be read."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2  # noqa: PLC0415

    if data.startswith(b"MM\0+"):
        return "a BigTIFF in big-endian byte order, which cannot be read (save it as a plain TIFF)"
    directory = ImageFileDirectory_v2(data[: 16 if data.startswith(b"II+") else 8])
    file = io.BytesIO(data)
    file.seek(directory.next)
    directory.load(file)
    return _refusal(directory) if _BITS in directory and _PHOTOMETRIC in directory else None


def _refusal(tags: Any) -> str:
    bits = " + ".join(dict.fromkeys(str(value) for value in _values(tags.get(_BITS, 1))))
    photometric, compression = tags.get(_PHOTOMETRIC), tags.get(_COMPRESSION, 1)
    formats = dict.fromkeys(_FORMATS.get(value, "undefined") for value in _values(tags.get(_SAMPLE_FORMAT, 1)))
    not_cmyk = photometric == _INKS and tags.get(_INK_SET) == _NOT_CMYK
    parts = (
        "inks other than CMYK" if not_cmyk else _PHOTOMETRICS.get(photometric, f"photometric {photometric}"),
        f"{tags.get(_SAMPLES, 1)} x {bits} bits {' and '.join(formats)}",
        "planes apart" if tags.get(_PLANAR) == _APART else "",
        f"compression {_COMPRESSIONS.get(compression, compression)}",
    )
    kind = ", ".join(part for part in parts if part)
    return f"a TIFF of a kind that cannot be read: {kind} (save it with 8 or 16 bits, and LZW, ZIP or no compression)"


def _tags(image: Image.Image) -> Any:
    return getattr(image, "tag_v2", {})


def _values(value: Any) -> Iterable[Any]:
    return value if isinstance(value, tuple) else (value,)
