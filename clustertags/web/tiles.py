"""Photos as tiles of a grid, and lists that are loaded in parts while the user scrolls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from clustertags.browsing.slices import Slice
from clustertags.pages.cards import PhotoCard
from clustertags.web.snapshot import Snapshot

PHOTOS_A_PART = 120
CLUSTERS_A_PART = 36


@dataclass(frozen=True, slots=True)
class Tile:
    """A photo in a grid. `hash`: its content hash. `note`: a remark that its list adds, such as its similarity."""

    hash: str
    card: PhotoCard
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Some items of a list of `total`. `next`: URL of the part after it, empty at the end."""

    items: tuple[Any, ...]
    total: int
    next: str


def tile(snapshot: Snapshot, photo: int, note: str = "") -> Tile:
    return Tile(snapshot.hash_of(photo), snapshot.photo_card(photo), note)


def photos_part(snapshot: Snapshot, found: Slice[int], path: str) -> Part:
    """A part of a list of photos; `path` is the URL path of its further parts."""
    return Part(tuple(tile(snapshot, photo) for photo in found.items), found.total, next_address(found, path, {}))


def next_address(found: Slice[Any], path: str, query: dict[str, Any]) -> str:
    if found.next_offset is None:
        return ""
    given = {name: value for name, value in query.items() if value not in {None, "", False}}
    return f"{path}?{urlencode(given | {'offset': found.next_offset})}"
