"""The size that a JPEG's header states, read within strict bounds."""

from __future__ import annotations

import struct

_START = b"\xff\xd8\xff"
_BASELINE_AND_PROGRESSIVE = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAMES = frozenset({0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_MAX_SEGMENTS = 256


def jpeg_size(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Width and height of the JPEG in `data[start:end]`; None where it is no JPEG of 8 bits that photo programs read.

    Lossless JPEG, in which many RAW files keep the sensor's values, starts with the same bytes and is told apart by its
    frame header (ITU-T T.81, table B.1).
    """
    if data[start : start + 3] != _START:
        return None
    at = start + 2
    for _ in range(_MAX_SEGMENTS):
        if at + 4 > end or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF or marker in _WITHOUT_LENGTH:  # 0xFF: a fill byte
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in _BASELINE_AND_PROGRESSIVE and at + 10 <= end:
            bits, height, width, components = struct.unpack_from(">BHHB", data, at + 4)
            return (width, height) if bits == 8 and components in {1, 3} and width and height else None
        if marker in _OTHER_FRAMES or marker in {0xD9, 0xDA} or length < 2:
            return None
        at += 2 + length
    return None
