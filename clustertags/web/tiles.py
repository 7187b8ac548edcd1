"""Photos as tiles of a grid, and grids in parts that are loaded while the person scrolls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from clustertags.browsing.slices import Slice
from clustertags.pages.cards import PhotoCard
from clustertags.web.views import View

PHOTOS_A_PART = 120
CLUSTERS_A_PART = 36


@dataclass(frozen=True, slots=True)
class Tile:
    """`hash` names the photo; `note` is what the list it stands in says of it, such as how like it is."""

    hash: str
    card: PhotoCard
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Some items of a list; `next` is the address of the part after it, empty at the end."""

    items: tuple[Any, ...]
    total: int
    next: str


def tile(view: View, photo: int, note: str = "") -> Tile:
    return Tile(view.hash_of(photo), view.photo_card(photo), note)


def photos_part(view: View, found: Slice[int], path: str) -> Part:
    """A part of a list of photos that `path` continues."""
    return Part(tuple(tile(view, photo) for photo in found.items), found.total, next_address(found, path, {}))


def next_address(found: Slice[Any], path: str, query: dict[str, Any]) -> str:
    if found.next_offset is None:
        return ""
    given = {name: value for name, value in query.items() if value not in {None, "", False}}
    return f"{path}?{urlencode(given | {'offset': found.next_offset})}"
