"""Keywords written by photo programs: XMP `dc:subject`, IPTC keywords, and `.xmp` sidecars.

Photos are untrusted: broken, hostile or oversized metadata gives no keywords, and never an error.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, IptcImagePlugin
from PIL.ImageFile import ImageFile

from clustertags.photos.own_keywords import not_ours

MAX_XMP_BYTES = 2**20
MAX_KEYWORDS = 500

# XMP specification part 1, section 8.2 (ISO 16684-1), and the programs' own additions.
_SUBJECT = "{http://purl.org/dc/elements/1.1/}subject"
_ITEM = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
_HIERARCHIES = {  # a tag with its parents, and their separator
    "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject": "|",
    "{http://www.digikam.org/ns/1.0/}TagsList": "/",
}
_IPTC_KEYWORDS = (2, 25)  # IPTC-IIM 4.2: application record, data set 25
_BROKEN_XML = (ParseError, DefusedXmlException, ValueError, LookupError)
_BROKEN_METADATA = (OSError, SyntaxError, ValueError, LookupError, TypeError, AttributeError, struct.error)


def read_keywords(image: Image.Image | bytes, sidecar: bytes | None = None) -> tuple[str, ...]:
    """The keywords of a photo as written, without repeats, those of the sidecar first.

    `image`: opened by Pillow, not necessarily decoded, or the bytes of its file; `sidecar`: from `read_sidecar`.
    Without `dc:subject`, the last parts of the hierarchical tags of Lightroom and digiKam are used.
    """
    found = not_ours(_xmp_keywords(sidecar), sidecar) if sidecar else []
    opened = _open(image) if isinstance(image, bytes) else image
    if opened is not None:
        found += [*not_ours(_xmp_keywords(_xmp_of(opened)), _xmp_of(opened)), *_iptc_keywords(opened)]
    stripped = (keyword.strip() for keyword in found)
    return tuple(dict.fromkeys(keyword for keyword in stripped if keyword))[:MAX_KEYWORDS]


def read_sidecar(photo: Path) -> bytes | None:
    """The sidecar of a photo, `photo.jpg.xmp` or else `photo.xmp`; None if none can be read.

    The suffix may be `.XMP`. Only regular files are opened, never links.
    """
    stems = (photo.name, photo.stem)
    for path in (photo.with_name(stem + suffix) for suffix in (".xmp", ".XMP") for stem in stems):
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_XMP_BYTES:
                continue
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(descriptor, "rb") as file:
                return file.read(MAX_XMP_BYTES)
        except (OSError, ValueError):
            continue
    return None


def _open(data: bytes) -> Image.Image | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # size and validity are checked where the photo is decoded
        try:
            return Image.open(io.BytesIO(data))
        except (*_BROKEN_METADATA, Image.DecompressionBombError):
            return None


def _xmp_of(image: Image.Image) -> bytes:
    packet = image.info.get("xmp", b"")
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    return packet if isinstance(packet, bytes) else b""


def _xmp_keywords(packet: bytes) -> list[str]:
    packet = packet.strip(b"\0 \t\r\n")
    if not packet or len(packet) > MAX_XMP_BYTES:
        return []
    try:
        # Entity bombs and references to other files need a document type; XMP has none.
        root: Element = fromstring(packet, forbid_dtd=True)
    except _BROKEN_XML:
        return []
    subjects = [text for text, _ in _items(root, {_SUBJECT: ""})]
    if subjects:
        return subjects
    leaves = (text.rsplit(separator, 1)[-1] for text, separator in _items(root, _HIERARCHIES))
    return list(leaves)


def _items(root: Element, separators: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The text of each list item below the elements of these names, with that element's separator."""
    for element in root.iter():
        if element.tag in separators:
            for item in element.iter(_ITEM):
                if item.text:
                    yield item.text, separators[element.tag]


def _iptc_keywords(image: Image.Image) -> list[str]:
    try:
        fields: Any = IptcImagePlugin.getiptcinfo(cast("ImageFile", image)) or {}
        values = fields.get(_IPTC_KEYWORDS, ())
    except _BROKEN_METADATA:
        return []
    values = [values] if isinstance(values, bytes) else values
    return [_decode(value) for value in values if isinstance(value, bytes)]


def _decode(value: bytes) -> str:
    """Decode as UTF-8, which most programs write, declared or not; else as Latin-1, which never fails."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
