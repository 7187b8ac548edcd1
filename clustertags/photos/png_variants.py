"""What Pillow passes over or leaves unscaled in a PNG: the numbers of its colours, and which colour is transparent."""

from __future__ import annotations

import struct

from PIL import Image

from clustertags.photos.coded_colours import CICP

_TRANSPARENCY = "transparency"


def correct(image: Image.Image, data: bytes) -> None:
    """Complete `Image.info` of an opened PNG."""
    if codes := _cicp(data):
        image.info[CICP] = codes
    key = image.info.get(_TRANSPARENCY)
    raw_mode = image.tile[0].args if image.tile else None  # type: ignore[attr-defined]
    if isinstance(key, int) and raw_mode in {"L;2", "L;4"}:  # the samples become 8 bits, the key is as it was stored
        image.info[_TRANSPARENCY] = key * {"L;2": 85, "L;4": 17}[raw_mode]
    elif isinstance(key, tuple) and raw_mode == "RGB;16B":  # of which Pillow keeps the upper 8 bits
        image.info[_TRANSPARENCY] = tuple(value >> 8 for value in key)


def _cicp(data: bytes) -> tuple[int, int] | None:
    """Colour primaries and transfer of the `cICP` chunk before the pixels, None where there is none."""
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"cICP" and length >= 2:
            return data[at + 8], data[at + 9]
        if kind in {b"IDAT", b"IEND"}:
            return None
        at += 12 + length
    return None
