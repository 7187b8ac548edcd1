"""Files laid out as cameras lay out RAW files, after the published formats; the sensor's values are noise."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

SENSOR_VALUES = bytes(range(256)) * 16
LOSSLESS_JPEG = b"\xff\xd8\xff\xc4\x00\x04\x00\x00\xff\xc3\x00\x0b\x0e\x10\x00\x18\x00\x01\x01\x11\x00" + bytes(64)
"""A start of JPEG with 14 bits, as the sensor's values of CR2 and DNG files are kept."""

Value = int | bytes | Sequence[int] | Sequence["Directory"]


@dataclass
class Directory:
    """A directory to be written: integers as LONG, bytes as UNDEFINED, directories as their offsets. `blobs`: pairs of
    a tag for the offset and one for the size, with the bytes that they point to.
    """

    values: Mapping[int, Value] = field(default_factory=dict)
    blobs: Mapping[tuple[int, int], bytes] = field(default_factory=dict)


def jpeg(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=95, **options)
    return stream.getvalue()


def tiff(*chain: Directory, order: str = "<", signature: bytes | None = None, base: int = 0) -> bytes:
    """The directories of a chain, with those below them. `base`: what is added to each offset."""
    head = signature or (b"II*\0" if order == "<" else b"MM\0*")
    body = bytearray(head + bytes(4))
    offsets = [_write(body, directory, order, base) for directory in chain]
    for at, following in zip(_ends(body, offsets, order, base), [*offsets[1:], 0], strict=True):
        struct.pack_into(f"{order}I", body, at, following)
    struct.pack_into(f"{order}I", body, 4, offsets[0])
    return bytes(body)


def _ends(body: bytearray, offsets: list[int], order: str, base: int) -> list[int]:
    return [at - base + 2 + 12 * struct.unpack_from(f"{order}H", body, at - base)[0] for at in offsets]


def _write(body: bytearray, directory: Directory, order: str, base: int) -> int:
    entries: list[tuple[int, int, int, bytes]] = []
    for (offset_tag, size_tag), blob in directory.blobs.items():
        at = len(body) + base
        body += blob + bytes(len(blob) % 2)
        entries += [(offset_tag, 4, 1, struct.pack(f"{order}I", at))]
        entries += [(size_tag, 4, 1, struct.pack(f"{order}I", len(blob)))]
    for tag, value in directory.values.items():
        if isinstance(value, bytes):
            entries.append((tag, 7, len(value), value))
            continue
        numbers = [value] if isinstance(value, int) else list(value)
        numbers = [_write(body, item, order, base) if isinstance(item, Directory) else item for item in numbers]
        entries.append((tag, 4, len(numbers), struct.pack(f"{order}{len(numbers)}I", *numbers)))
    encoded = b""
    for tag, kind, count, data in sorted(entries):
        if len(data) > 4:
            at = len(body) + base
            body += data + bytes(len(data) % 2)
        held = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(f"{order}I", at)
        encoded += struct.pack(f"{order}HHI", tag, kind, count) + held
    start = len(body) + base
    body += struct.pack(f"{order}H", len(entries)) + encoded + bytes(4)
    return start


def sensor() -> Directory:
    """The directory of a sensor's values, as a colour filter array."""
    return Directory({0x0106: 32803, 0x0103: 1}, {(0x0111, 0x0117): SENSOR_VALUES})


def dng(preview: bytes, orientation: int = 1, values: Mapping[int, Value] | None = None) -> bytes:
    """A small RGB thumbnail first, the preview as a strip of compression 7, the values as lossless JPEG."""
    thumbnail = {0x0100: 16, 0x0101: 16, 0x0103: 1, 0x0106: 2, 0x0112: orientation, 0xC612: bytes([1, 4, 0, 0])}
    below = [
        Directory({0x0103: 7, 0x0106: 32803}, {(0x0111, 0x0117): LOSSLESS_JPEG}),
        Directory({0x0103: 7, 0x0106: 6, 0x00FE: 1}, {(0x0111, 0x0117): preview}),
    ]
    return tiff(Directory({**thumbnail, 0x014A: below, **(values or {})}, {(0x0111, 0x0117): bytes(768)}))


def nef(preview: bytes, orientation: int = 1) -> bytes:
    """Big-endian; the preview by offset and size in the first directory below, the values in the second."""
    below = [Directory({}, {(0x0201, 0x0202): preview}), Directory({0x0103: 34713}, {(0x0111, 0x0117): SENSOR_VALUES})]
    first = {0x0100: 160, 0x0101: 120, 0x0106: 2, 0x0112: orientation, 0x014A: below}
    return tiff(Directory(first, {(0x0111, 0x0117): bytes(160 * 120 * 3)}), order=">")


def arw(preview: bytes, orientation: int = 1) -> bytes:
    """The preview in the first directory, a thumbnail in the second, the values below the first."""
    thumbnail = jpeg(Image.new("RGB", (160, 120), "black"))
    below = [Directory({0x0103: 32767, 0x0106: 32803}, {(0x0111, 0x0117): SENSOR_VALUES})]
    first = Directory({0x0103: 6, 0x0112: orientation, 0x014A: below}, {(0x0201, 0x0202): preview})
    return tiff(first, Directory({0x0103: 6}, {(0x0201, 0x0202): thumbnail}))


def cr2(preview: bytes, orientation: int = 1) -> bytes:
    """`CR` after the header; the preview as a strip of compression 6, the values as lossless JPEG in the last."""
    first = Directory({0x0103: 6, 0x0112: orientation}, {(0x0111, 0x0117): preview})
    second = Directory({}, {(0x0201, 0x0202): jpeg(Image.new("RGB", (160, 120), "black"))})
    last = Directory({0x0103: 6}, {(0x0111, 0x0117): LOSSLESS_JPEG})
    data = tiff(first, second, last, base=8)
    return data[:4] + data[4:8] + b"CR\x02\0" + bytes(4) + data[8:]


def pef(preview: bytes, orientation: int = 1) -> bytes:
    """The values first, the preview in the last directory."""
    first = Directory({0x0103: 65535, 0x0106: 32803, 0x0112: orientation}, {(0x0111, 0x0117): SENSOR_VALUES})
    return tiff(first, Directory({0x0103: 6}, {(0x0201, 0x0202): preview}), order=">")


def srw(preview: bytes, orientation: int = 1) -> bytes:
    """As PEF, with the values below the first directory."""
    below = [Directory({0x0103: 32770}, {(0x0111, 0x0117): SENSOR_VALUES})]
    return tiff(Directory({0x0112: orientation, 0x014A: below}, {(0x0201, 0x0202): preview}))


def rw2(preview: bytes, orientation: int = 1) -> bytes:
    """A signature of its own; the preview is the value of a tag."""
    return tiff(Directory({0x0112: orientation, 0x002E: preview}), signature=b"IIU\0")


def orf(preview: bytes, orientation: int = 1, signature: bytes = b"OLYMPUS\0II\x03\0") -> bytes:
    """A signature of its own; the preview in the maker's note, placed from where the note starts."""
    settings = Directory({}, {(0x0101, 0x0102): preview})
    inner = tiff(Directory({0x2020: [settings]}), signature=b"II*\0")
    # The note's own header stands where the TIFF header was, its directory follows at a fixed place.
    note = _olympus_note(inner, signature)
    exif = Directory({0x927C: note})
    return tiff(Directory({0x0112: orientation, 0x8769: [exif]}), signature=b"IIRO")


def _olympus_note(inner: bytes, signature: bytes) -> bytes:
    first = len(signature)
    (top,) = struct.unpack_from("<I", inner, 4)
    (settings,) = struct.unpack_from("<I", inner, top + 2 + 8)
    moved = bytearray(inner)
    directory_bytes = 18
    shift = first + directory_bytes
    for entry in range(2):  # offset of the preview, not its size
        at = settings + 2 + 12 * entry
        tag, kind, count, value = struct.unpack_from("<HHII", moved, at)
        struct.pack_into("<HHII", moved, at, tag, kind, count, value + shift if tag == 0x0101 else value)
    head = struct.pack("<HHHIII", 1, 0x2020, 13, 1, settings + shift, 0)
    return signature + head + bytes(moved)


def raf(preview: bytes) -> bytes:
    """The offset and size of the preview at byte 84 of the header, big-endian."""
    head = (b"FUJIFILMCCD-RAW 0201" + b"FF129502X-T1").ljust(84, b"\0")
    return head + struct.pack(">6I", 148, len(preview), 0, 0, 0, 0) + bytes(40) + preview + SENSOR_VALUES


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def cr3(preview: bytes, orientation: int = 1, xmp: bytes = b"") -> bytes:
    """The EXIF block in the `moov` box, the preview in a box of its own, the values last."""
    width, height = Image.open(io.BytesIO(preview)).size
    exif = box(b"CMT1", tiff(Directory({0x0112: orientation})))
    metadata = box(b"uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"), box(b"CNCV", bytes(30)), exif)
    head = struct.pack(">IHHHHI", 0, 1, width, height, 1, len(preview))
    shown = box(b"uuid", bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16"), bytes(8), box(b"PRVW", head, preview))
    packet = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), xmp)
    brands = box(b"ftyp", b"crx \0\0\0\1crx isom")
    values = struct.pack(">I4sQ", 1, b"mdat", 16 + len(SENSOR_VALUES)) + SENSOR_VALUES
    return brands + box(b"moov", metadata) + packet + shown + values


MAKERS = {"dng": dng, "cr2": cr2, "cr3": cr3, "nef": nef, "arw": arw, "orf": orf, "rw2": rw2, "pef": pef, "srw": srw}
"""Writers of RAW files from a preview and an orientation, by suffix; `raf` states none of its own."""
