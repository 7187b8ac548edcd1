"""The JPEG preview that cameras and converters put into RAW files, found without decoding the sensor's values.

Of TIFF kind are DNG, CR2, NEF, ARW, PEF and SRW (previews in directories), RW2 (in a tag) and ORF (in the maker's
note); RAF has it at a fixed place of its header, CR3 in ISO boxes. The layouts are those of the DNG specification 1.7,
TIFF/EP, and what ExifTool and LibRaw document. Every offset is checked against the file, and the work is bounded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.iso_boxes import Box, boxes
from clustertags.photos.jpeg_header import jpeg_size
from clustertags.photos.tiff_directories import Directory, Tiff

ENOUGH_PIXELS = 1600
"""On its long side: no page shows a photo larger, and a network sees far less. One of this size decodes in a ninth of
the time of one of 24 megapixels (14 and 125 ms).
"""

MAX_METADATA_BYTES = 2**20
SMALLEST_THUMBNAIL_PIXELS = 128

_RAF = b"FUJIFILMCCD-RAW "
_ORDERS = {b"II": "<", b"MM": ">"}
_TIFF_RAW_SIGNATURES = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")  # ORF three times, RW2; the others are those of any TIFF

_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _ORIENTATION = 0x0100, 0x0101, 0x0103, 0x0106, 0x0112
_STRIP_OFFSETS, _STRIP_SIZES = 0x0111, 0x0117
_JPEG_OFFSET, _JPEG_SIZE = 0x0201, 0x0202
_PANASONIC_JPEG = 0x002E
_XMP, _IPTC, _MAKER_NOTE, _DNG_VERSION = 0x02BC, 0x83BB, 0x927C, 0xC612
_RGB = 2
_SENSOR_PHOTOMETRICS = frozenset({32803, 34892})  # colour filter array, linear raw
_SENSOR_COMPRESSIONS = frozenset(
    {32767, 32769, 32770, 32772, 34713, 65000, 65535}
)  # Sony, Samsung, Nikon, Kodak, Pentax
_JPEG_COMPRESSIONS = frozenset({6, 7})

# Olympus: signature of the maker's note, and where its first directory is; the offsets count from the note.
_OLYMPUS_NOTES = ((b"OLYMPUS\0", 12), (b"OM SYSTEM\0", 16))
_OLYMPUS_CAMERA_SETTINGS, _OLYMPUS_PREVIEW_OFFSET, _OLYMPUS_PREVIEW_SIZE = 0x2020, 0x0101, 0x0102

_CANON_METADATA = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


@dataclass(frozen=True, slots=True)
class RawPreview:
    """A RAW file's preview: its bytes, and of the RAW file the EXIF orientation (None where it states none), the XMP
    packet and the IPTC block (empty for none).
    """

    jpeg: bytes
    orientation: int | None
    xmp: bytes
    iptc: bytes


@dataclass(slots=True)
class _Found:
    """What a RAW file holds: the spans in which a JPEG may be, as start and size, and the metadata."""

    is_raw: bool = False
    spans: list[tuple[int, int]] | None = None
    orientation: int | None = None
    xmp: bytes = b""
    iptc: bytes = b""
    thumbnail_pixels: int = 0

    def add(self, start: int | None, size: int | None) -> None:
        if start and size:
            self.spans = [*(self.spans or ()), (start, size)]


def is_raw_signature(head: bytes) -> bool:
    """Whether a file that starts with `head` is a RAW file beyond doubt; DNG, NEF and others start as any TIFF does."""
    is_canon = (head[:2] in _ORDERS and head[8:10] == b"CR") or head[4:12] == b"ftypcrx "
    return is_canon or head.startswith((_RAF, *_TIFF_RAW_SIGNATURES))


def find_preview(data: bytes) -> RawPreview | None:
    """The smallest preview of at least `ENOUGH_PIXELS`, else the largest; None where the file is no RAW file, or one
    without a JPEG whose first picture is an RGB thumbnail of some size, which any TIFF reader opens.

    Raises `UnreadablePhotoError` where a RAW file has no preview that can be read.
    """
    found = _look(data)
    if not found.is_raw:
        return None
    spans = found.spans or []
    jpegs = {(start, size): jpeg_size(data, start, start + size) for start, size in spans if start + size <= len(data)}
    sizes = {span: pixels for span, pixels in jpegs.items() if pixels}
    if not sizes:
        if found.thumbnail_pixels >= SMALLEST_THUMBNAIL_PIXELS:
            return None
        if any(start + size > len(data) for start, size in spans):
            raise UnreadablePhotoError("no preview picture inside: the file ends before it, so it was cut short")
        raise UnreadablePhotoError("no preview picture inside: this RAW file holds the sensor's values alone")
    enough = [span for span, pixels in sizes.items() if max(pixels) >= ENOUGH_PIXELS]
    area = {span: width * height for span, (width, height) in sizes.items()}
    start, size = min(enough, key=area.__getitem__) if enough else max(sizes, key=area.__getitem__)
    return RawPreview(data[start : start + size], found.orientation, found.xmp, found.iptc)


def _look(data: bytes) -> _Found:
    if data.startswith(_RAF):
        return _look_into_raf(data)
    if data[4:12] == b"ftypcrx ":
        return _look_into_cr3(data)
    return _look_into_tiff(data)


def _look_into_raf(data: bytes) -> _Found:
    """RAF: offset and size of a whole JPEG, with EXIF of its own, at byte 84."""
    found = _Found(is_raw=True)
    if len(data) >= 92:
        found.add(*struct.unpack_from(">II", data, 84))
    return found


def _look_into_tiff(data: bytes) -> _Found:
    found = _Found(is_raw=is_raw_signature(data[:16]))
    order = _ORDERS.get(data[:2])
    if order is None or len(data) < 8:
        return found
    tiff = Tiff(data, 0, order)
    for number, directory in enumerate(tiff.directories(struct.unpack_from(f"{order}I", data, 4)[0])):
        if number == 0:
            _take_metadata(found, directory)
            if directory.integer(_PHOTOMETRIC) == _RGB:
                found.thumbnail_pixels = min(directory.integer(_WIDTH) or 0, directory.integer(_HEIGHT) or 0)
        found.is_raw = found.is_raw or _holds_sensor_values(directory)
        for start, size in _spans_of(directory):
            found.add(start, size)
    return found


def _take_metadata(found: _Found, directory: Directory) -> None:
    orientation = directory.integer(_ORIENTATION)
    found.orientation = orientation if orientation in range(1, 9) else None
    found.xmp = directory.block(_XMP, MAX_METADATA_BYTES)
    found.iptc = directory.block(_IPTC, MAX_METADATA_BYTES)


def _holds_sensor_values(directory: Directory) -> bool:
    return (
        _DNG_VERSION in directory
        or directory.integer(_PHOTOMETRIC) in _SENSOR_PHOTOMETRICS
        or directory.integer(_COMPRESSION) in _SENSOR_COMPRESSIONS
    )


def _spans_of(directory: Directory) -> Iterator[tuple[int | None, int | None]]:
    yield directory.integer(_JPEG_OFFSET), directory.integer(_JPEG_SIZE)
    offsets, sizes = directory.integers(_STRIP_OFFSETS), directory.integers(_STRIP_SIZES)
    if directory.integer(_COMPRESSION) in _JPEG_COMPRESSIONS and len(offsets) == len(sizes) == 1:
        yield offsets[0], sizes[0]
    yield directory.span(_PANASONIC_JPEG) or (None, None)
    yield from _olympus_span(directory)


def _olympus_span(directory: Directory) -> Iterator[tuple[int | None, int | None]]:
    """The preview in an Olympus maker's note, whose camera settings have its place, counted from the note."""
    data = directory.tiff.data
    note, _ = directory.span(_MAKER_NOTE) or (len(data), 0)
    for signature, first in _OLYMPUS_NOTES:
        order = _ORDERS.get(data[note + first - 4 : note + first - 2])
        if data[note : note + len(signature)] != signature or order is None:
            continue
        tiff = Tiff(data, note, order)
        top = tiff.directory(first)
        span = top.span(_OLYMPUS_CAMERA_SETTINGS) if top else None
        if top is None or span is None:
            continue
        # The settings are an offset, or in older files a block of bytes that is the directory itself.
        at = top.integer(_OLYMPUS_CAMERA_SETTINGS) if span[1] == 4 else span[0] - note
        settings = tiff.directory(at or 0)
        offset = settings.integer(_OLYMPUS_PREVIEW_OFFSET) if settings else None
        if settings and offset is not None:
            yield note + offset, settings.integer(_OLYMPUS_PREVIEW_SIZE)


def _look_into_cr3(data: bytes) -> _Found:
    """CR3: the preview in a box of its own; the first directory of the EXIF block (`CMT1`) has the orientation."""
    found = _Found(is_raw=True)
    for box in boxes(data, 0, len(data)):
        if box.kind == _CANON_PREVIEW:
            # Eight bytes, then the box with: 6 bytes, width, height, 2 bytes, the JPEG's size, the JPEG.
            for inner in boxes(data, box.start + 8, box.end):
                if inner.kind == b"PRVW" and inner.start + 16 <= inner.end:
                    found.add(inner.start + 16, *struct.unpack_from(">I", data, inner.start + 12))
        elif box.kind == _XMP_BOX and box.end - box.start <= MAX_METADATA_BYTES:
            found.xmp = data[box.start : box.end]
        elif box.kind == b"moov":
            for inner in boxes(data, box.start, box.end):
                if inner.kind == _CANON_METADATA:
                    _take_canon_orientation(found, data, inner)
    return found


def _take_canon_orientation(found: _Found, data: bytes, metadata: Box) -> None:
    for box in boxes(data, metadata.start, metadata.end):
        order = _ORDERS.get(data[box.start : box.start + 2])
        if box.kind == b"CMT1" and order and box.start + 8 <= box.end:
            first = Tiff(data, box.start, order).directory(struct.unpack_from(f"{order}I", data, box.start + 4)[0])
            value = first.integer(_ORIENTATION) if first else None
            found.orientation = value if value in range(1, 9) else None
