"""TIFF files put together entry by entry, for kinds that no library here writes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np

_SHORT, _LONG = 3, 4
_FORMATS = {_SHORT: "H", _LONG: "I"}


def made_tiff(
    size: tuple[int, int], strips: Sequence[bytes], tags: Mapping[int, int | Sequence[int]], order: str = "<"
) -> bytes:
    """A TIFF of one picture of this width and height; `tags` are SHORTs, `order` is `<` or `>`."""
    width, height = size
    entries: dict[int, tuple[int, list[int]]] = {
        256: (_LONG, [width]), 257: (_LONG, [height]), 259: (_SHORT, [1]), 278: (_LONG, [height]),
        279: (_LONG, [len(strip) for strip in strips]),
    }  # fmt: skip
    entries |= {tag: (_SHORT, [value] if isinstance(value, int) else list(value)) for tag, value in tags.items()}
    start = 8 + 2 + 12 * (len(entries) + 1) + 4
    strip_offsets_bytes = _far_bytes(_LONG, [0] * len(strips))
    end = start + sum(_far_bytes(kind, values) for kind, values in entries.values()) + strip_offsets_bytes
    entries[273] = (_LONG, [end + sum(map(len, strips[:at])) for at in range(len(strips))])
    far = b""
    table = b""
    for tag, (kind, values) in sorted(entries.items()):
        raw = struct.pack(f"{order}{len(values)}{_FORMATS[kind]}", *values)
        table += struct.pack(f"{order}HHI", tag, kind, len(values))
        table += struct.pack(f"{order}I", start + len(far)) if len(raw) > 4 else raw.ljust(4, b"\0")
        far += raw if len(raw) > 4 else b""
    magic = b"II*\0" if order == "<" else b"MM\0*"
    head = magic + struct.pack(f"{order}IH", 8, len(entries))
    return head + table + bytes(4) + far + b"".join(strips)


def _far_bytes(kind: int, values: Sequence[int]) -> int:
    size = len(values) * struct.calcsize(_FORMATS[kind])
    return size if size > 4 else 0


def packed(values: np.ndarray, bits: int) -> bytes:
    """Rows of samples of so many bits, the most significant first, each row filled to whole bytes."""
    rows = values.reshape(len(values), -1, 1) >> np.arange(bits - 1, -1, -1)
    return np.packbits((rows & 1).astype(np.uint8).reshape(len(values), -1), axis=1).tobytes()
