"""Pagination of lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from clustertags.errors import UsageError

T = TypeVar("T")
S = TypeVar("S")

MAX_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """`items` from `offset` on, of `total`; `next_offset`: start of the next slice, None at the end."""

    items: tuple[T, ...]
    offset: int
    total: int
    next_offset: int | None


def cut(found: Sequence[S], offset: int, limit: int, make: Callable[[S], T]) -> Slice[T]:
    """At most `limit` items of `found` from `offset` on, each converted by `make`.

    An offset past the end gives an empty slice. Raises `UsageError` for a negative offset or a limit outside 1..1000.
    """
    if offset < 0 or not 1 <= limit <= MAX_ITEMS:
        raise UsageError(f"a part of a list begins at 0 or later and has 1 to {MAX_ITEMS:,} items")
    end = offset + limit
    items = tuple(make(item) for item in found[offset:end])
    return Slice(items, offset, len(found), end if end < len(found) else None)
