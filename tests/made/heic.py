"""HEIC files of several images, put together around the one picture that this folder has in HEVC."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tests.made.raw_files import box

_QUARTERS = Path(__file__).parents[1] / "photos" / "data" / "quarters.heic"


def quarters_heic(turns: Sequence[int], primary: int, orientation: int | None = None) -> bytes:
    """Images of the same four quarters, each to be shown turned left by 90 degrees as often as `turns` says (`irot`).

    `primary`: the place of the one that programs show; `orientation`: what an EXIF block says of it, which is to be
    ignored (ISO/IEC 23008-12, section A.2.1 of the annex on EXIF), as phones write both.
    """
    source = _QUARTERS.read_bytes()
    properties = b"".join(_box_of(source, kind) for kind in (b"hvcC", b"colr", b"ispe", b"pixi"))
    rotations = [box(b"irot", bytes([turn])) for turn in turns]
    picture = source[source.index(b"mdat") + 4 :]
    exif = b"" if orientation is None else _exif(orientation)
    n_images = len(turns)
    ids = range(1, n_images + 1)
    kinds = [b"hvc1"] * n_images + ([b"Exif"] if exif else [])
    entries = [box(b"infe", struct.pack(">IHH4sB", 2 << 24, at, 0, kind, 0)) for at, kind in enumerate(kinds, start=1)]
    associations = b"".join(struct.pack(">HB5B", number, 5, 0x81, 2, 3, 4, 0x80 | (4 + number)) for number in ids)

    def meta(start: int) -> bytes:
        spans = [(start, len(picture))] * n_images + ([(start + len(picture), len(exif))] if exif else [])
        places = b"".join(struct.pack(">HHHII", at, 0, 1, *span) for at, span in enumerate(spans, start=1))
        reference = box(b"iref", bytes(4), box(b"cdsc", struct.pack(">HHH", n_images + 1, 1, primary + 1)))
        return box(
            b"meta",
            bytes(4),
            box(b"hdlr", bytes(8), b"pict", bytes(13)),
            box(b"pitm", struct.pack(">IH", 0, primary + 1)),
            box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, len(spans)), places),
            box(b"iinf", struct.pack(">IH", 0, len(kinds)), *entries),
            reference if exif else b"",
            box(
                b"iprp",
                box(b"ipco", properties, *rotations),
                box(b"ipma", struct.pack(">II", 0, n_images), associations),
            ),
        )

    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", picture, exif)


def _box_of(source: bytes, kind: bytes) -> bytes:
    start = source.index(kind) - 4
    return source[start : start + struct.unpack_from(">I", source, start)[0]]


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    block = exif.tobytes()
    return struct.pack(">I", 6) + block
