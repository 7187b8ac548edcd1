"""Keywords written by photo programs: XMP, IPTC, Windows' `XPKeywords`, and `.xmp` sidecars.

Photos are untrusted: broken, hostile or oversized metadata gives no keywords, and never an error.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, cast

from PIL import Image, IptcImagePlugin
from PIL.ImageFile import ImageFile

from clustertags.photos.decoding import register_reader
from clustertags.photos.files import HEADER_BYTES, DecodeLimits, open_file, sniff_format
from clustertags.photos.own_keywords import not_ours
from clustertags.photos.xmp_keywords import LEVEL, xmp_keywords

MAX_KEYWORDS = 500
MAX_LEVELS = 12

_IPTC_KEYWORDS = (2, 25)  # IPTC-IIM 4.2: application record, data set 25
_XP_KEYWORDS = 0x9C9E  # Windows' own tag in EXIF: UTF-16LE, semicolons between keywords, a NUL at the end
_BROKEN_METADATA = (OSError, SyntaxError, ValueError, LookupError, TypeError, AttributeError, struct.error)


def read_keywords(image: Image.Image | bytes, sidecar: bytes | None = None) -> tuple[str, ...]:
    """The keywords of a photo as written, without repeats, those of the sidecar first.

    `image`: opened by Pillow, not necessarily decoded, or the bytes of its file; `sidecar`: its bytes.
    A keyword with parents is a path, `animal|dog`.
    """
    found = [*(packet_keywords(sidecar) or ())] if sidecar else []
    opened = _open(io.BytesIO(image)) if isinstance(image, bytes) else image
    if opened is not None:
        found += [*(packet_keywords(_xmp_of(opened)) or ()), *_iptc_keywords(opened), *_windows_keywords(opened)]
    return _distinct(found)


def read_file_keywords(path: Path, limits: DecodeLimits) -> tuple[str, ...]:
    """The keywords of a photo's file, of which only the header is read where its format has them there.

    Raises `UnreadablePhotoError` where the file cannot be opened.
    """
    with open_file(path, limits) as file:
        image = _open(file)
        return () if image is None else read_keywords(image)


def packet_keywords(packet: bytes) -> tuple[str, ...] | None:
    """The keywords of one XMP packet, inside a photo or of a sidecar, without those that this program wrote; None where
    it cannot be read.
    """
    found = xmp_keywords(packet)
    return None if found is None else _distinct(not_ours(found, packet))


def _distinct(keywords: Iterable[str]) -> tuple[str, ...]:
    """Without repeats, empty ones, and spaces around the parts of a path."""
    paths = ([part.strip() for part in keyword.split(LEVEL)] for keyword in keywords)
    tidy = (LEVEL.join([part for part in path if part][-MAX_LEVELS:]) for path in paths)
    return tuple(dict.fromkeys(keyword for keyword in tidy if keyword))[:MAX_KEYWORDS]


def _open(file: BinaryIO) -> Image.Image | None:
    kind = sniff_format(file.read(HEADER_BYTES))
    if kind is None or kind == "RAW":  # the keywords of RAW come with its preview
        return None
    register_reader(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # size and validity are checked where the photo is decoded
        try:
            return Image.open(file, formats=(kind,))
        except (*_BROKEN_METADATA, Image.DecompressionBombError):
            return None


def _xmp_of(image: Image.Image) -> bytes:
    packet = image.info.get("xmp", b"")
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    return packet if isinstance(packet, bytes) else b""


def _iptc_keywords(image: Image.Image) -> list[str]:
    try:
        fields: Any = IptcImagePlugin.getiptcinfo(cast("ImageFile", image)) or {}
        values = fields.get(_IPTC_KEYWORDS, ())
    except _BROKEN_METADATA:
        return []
    values = [values] if isinstance(values, bytes) else values
    return [_decode(value) for value in values if isinstance(value, bytes)]


def _windows_keywords(image: Image.Image) -> list[str]:
    try:
        value = image.getexif().get(_XP_KEYWORDS, b"")
    except _BROKEN_METADATA:
        return []
    if isinstance(value, tuple) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
        value = bytes(value)
    text = value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else ""
    return text.partition("\0")[0].split(";")


def _decode(value: bytes) -> str:
    """Decode as UTF-8, which most programs write, declared or not; else as Latin-1, which never fails."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
