"""PNG files put together chunk by chunk: every colour type, bit depth and interlacing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np

from tests.made.tiffs import packed

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6

# PNG, third edition, section 8.2: first row and column of each pass, and the steps between them.
_ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def made_png(
    values: np.ndarray,
    colour_type: int,
    bits: int,
    *,
    interlaced: bool = False,
    chunks: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """A PNG of (height, width, n_samples) integers; `chunks` stand before the pixels."""
    height, width = values.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, interlaced)
    passes = [values[y::dy, x::dx] for y, x, dy, dx in _ADAM7] if interlaced else [values]
    rows = b"".join(_rows(part, bits) for part in passes if part.size)
    before = b"".join(chunk(kind, body) for kind, body in chunks)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + before
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _rows(values: np.ndarray, bits: int) -> bytes:
    """Rows of samples, each behind the byte that says that it is not filtered."""
    block = np.frombuffer(packed(values.astype(np.int64), bits), np.uint8).reshape(len(values), -1)
    return np.insert(block, 0, 0, axis=1).tobytes()
