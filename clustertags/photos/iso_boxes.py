"""The boxes of an ISO base media file (ISO/IEC 14496-12, section 4.2), read within strict bounds."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_MAX_BOXES = 256


@dataclass(frozen=True, slots=True)
class Box:
    """A box whose content is `data[start:end]`; `kind` is its four letters, with the sixteen bytes of a `uuid` box."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes in `data[start:end]`, not those inside them; the first that does not fit ends the list."""
    for _ in range(_MAX_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        content = start + 8
        if size == 1 and content + 8 <= end:
            (size,) = struct.unpack_from(">Q", data, content)
            content += 8
        following = end if size == 0 else start + size
        if kind == b"uuid":
            kind, content = data[content : content + 16], content + 16
        if following > end or content > following:
            return
        yield Box(kind, content, following)
        start = following
