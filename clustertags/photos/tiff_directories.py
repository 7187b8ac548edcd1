"""The directories (IFDs) of a TIFF structure, which most RAW files and all EXIF blocks are, read within strict bounds.

TIFF 6.0, section 2, and TIFF/EP for `SubIFDs`. At most `MAX_DIRECTORIES` are read and none twice, so that a file whose
directories point at each other, or that claims millions of entries, costs as little as any other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAX_DIRECTORIES = 48
MAX_ENTRIES = 1024
MAX_VALUES = 64

SUB_DIRECTORIES = 0x014A
EXIF_DIRECTORY = 0x8769

_ENTRY_BYTES = 12
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4}  # the others are no integers and not needed here
_INTEGERS = {1: "B", 3: "H", 4: "I", 7: "B", 13: "I"}


@dataclass(frozen=True, slots=True)
class Tiff:
    """A TIFF structure inside `data` whose offsets count from `base`; `order` is `<` or `>`, as in `struct`."""

    data: bytes
    base: int
    order: str

    def directory(self, offset: int) -> Directory | None:
        """The directory at an offset, None where it does not fit into the file."""
        start = self.base + offset
        if offset < 0 or start + 2 > len(self.data):
            return None
        (n_entries,) = struct.unpack_from(f"{self.order}H", self.data, start)
        end = start + 2 + n_entries * _ENTRY_BYTES
        if not 1 <= n_entries <= MAX_ENTRIES or end > len(self.data):
            return None
        entries: dict[int, _Entry] = {}
        for at in range(start + 2, end, _ENTRY_BYTES):
            tag, kind, count = struct.unpack_from(f"{self.order}HHI", self.data, at)
            entries.setdefault(tag, _Entry(kind, count, at + 8))
        following = struct.unpack_from(f"{self.order}I", self.data, end)[0] if end + 4 <= len(self.data) else 0
        return Directory(self, entries, following)

    def directories(self, first: int) -> Iterator[Directory]:
        """The directory at `first`, those that follow it, and those below them, breadth first."""
        waiting, seen = [first], set[int]()
        while waiting and len(seen) < MAX_DIRECTORIES:
            offset = waiting.pop(0)
            if offset in seen:
                continue
            seen.add(offset)
            directory = self.directory(offset)
            if directory is None:
                continue
            yield directory
            further = (directory.following, *directory.integers(SUB_DIRECTORIES), *directory.integers(EXIF_DIRECTORY))
            waiting += [offset for offset in further if offset]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry's type and count of values; `at`: where in the file its four bytes of value or offset are."""

    kind: int
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The entries of one directory by tag; `following`: the offset of the next directory, 0 for none."""

    tiff: Tiff
    entries: dict[int, _Entry]
    following: int

    def __contains__(self, tag: int) -> bool:
        return tag in self.entries

    def integers(self, tag: int) -> tuple[int, ...]:
        """The values of a tag, at most `MAX_VALUES`; none where the tag is missing, no integer, or past the end."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _INTEGERS or not entry.count:
            return ()
        count = min(entry.count, MAX_VALUES)
        start = self._start(entry)
        if start + count * _TYPE_BYTES[entry.kind] > len(self.tiff.data):
            return ()
        return struct.unpack_from(f"{self.tiff.order}{count}{_INTEGERS[entry.kind]}", self.tiff.data, start)

    def integer(self, tag: int) -> int | None:
        """The first value of a tag, None where there is none."""
        values = self.integers(tag)
        return values[0] if values else None

    def span(self, tag: int) -> tuple[int, int] | None:
        """Where in the file the bytes of a tag's value start, and how many it claims; they may lie past the end."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _TYPE_BYTES:
            return None
        return self._start(entry), entry.count * _TYPE_BYTES[entry.kind]

    def block(self, tag: int, max_bytes: int) -> bytes:
        """The bytes of a tag's value; empty where it is missing, longer than `max_bytes`, or past the end."""
        start, size = self.span(tag) or (0, 0)
        return (
            self.tiff.data[start : start + size] if size <= max_bytes and start + size <= len(self.tiff.data) else b""
        )

    def _start(self, entry: _Entry) -> int:
        if entry.count * _TYPE_BYTES[entry.kind] <= 4:
            return entry.at
        (offset,) = struct.unpack_from(f"{self.tiff.order}I", self.tiff.data, entry.at)
        return self.tiff.base + int(offset)
