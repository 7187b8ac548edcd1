"""Search by tag, by file name and by a photo of the library; near-duplicates; completion of names and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Query, Response

from clustertags.browsing.duplicates import DuplicateGroup, sharpest_first
from clustertags.browsing.listing import ClusterQuery
from clustertags.browsing.searching import FoundPhoto
from clustertags.browsing.slices import Slice
from clustertags.labels.vocabulary import normalise_tag
from clustertags.library.artifacts import Artifacts
from clustertags.library.described import open_catalogue
from clustertags.library.sharpness import sharpness_of
from clustertags.pages.cards import percent
from clustertags.support.printable import printable
from clustertags.web.rendering import page, part
from clustertags.web.routes.wall import Offset, Text
from clustertags.web.services import ServicesOf, ViewOf
from clustertags.web.tiles import PHOTOS_A_PART, Part, Tile, next_address, tile
from clustertags.web.views import View

router = APIRouter(tags=["search"])
By = Literal["tag", "name", "photo"]
GROUPS_A_PAGE = 40
OWN_TAGS = 30


@router.get("/search", include_in_schema=False)
def search(view: ViewOf, q: Text = "", by: By = "tag") -> Response:
    asked = q.strip()
    like = None
    if by == "photo" and asked in view.photo_of:
        like = tile(view, view.photo_of[asked])
    shown = _part(view, asked, by, 0) if asked else None
    return page("search.html", view.summary, q=asked, by=by, like=like, part=shown, tags=_own_tags(view))


@router.get("/parts/search", include_in_schema=False)
def more_found(view: ViewOf, q: Text, by: By = "tag", offset: Offset = 0) -> Response:
    return part("parts/tiles.html", _part(view, q, by, offset))


@router.get("/api/search")
def search_json(
    view: ViewOf, q: Text, by: By = "tag", offset: Offset = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> dict[str, Any]:
    """Photos that carry a tag, whose path holds a text, or that are like a photo (`q` is its content hash)."""
    found = _found(view, q, by, offset, limit)
    photos = [
        {"photo": view.hash_of(item.photo), "path": view.photo_card(item.photo).name, "score": item.score}
        for item in found.items
    ]
    return {"photos": photos, "total": found.total, "next_offset": found.next_offset}


@router.get("/duplicates", include_in_schema=False)
def duplicates(view: ViewOf, services: ServicesOf, offset: Offset = 0) -> Response:
    """Groups of near-duplicates, by the sharpness that is known; the page asks for the rest."""
    with open_catalogue(Artifacts(services.settings.artifacts)) as catalogue:
        known = catalogue.sharpness()
    groups = view.duplicates[offset : offset + GROUPS_A_PAGE]
    following = offset + GROUPS_A_PAGE
    return page(
        "duplicates.html",
        view.summary,
        groups=_by_sharpness(view, groups, known),
        measured=all(view.hash_of(photo) in known for group in groups for photo in group.photos),
        total=len(view.duplicates),
        first=offset + 1,
        previous=f"/duplicates?offset={max(0, offset - GROUPS_A_PAGE)}" if offset else "",
        next=f"/duplicates?offset={following}" if following < len(view.duplicates) else "",
    )


@router.get("/parts/duplicates", include_in_schema=False)
def measured_duplicates(view: ViewOf, services: ServicesOf, offset: Offset = 0) -> Response:
    """The same groups once all of their photos are measured, which takes a moment the first time."""
    groups = view.duplicates[offset : offset + GROUPS_A_PAGE]
    with open_catalogue(Artifacts(services.settings.artifacts)) as catalogue:
        known = sharpness_of(view.library, [photo for group in groups for photo in group.photos], catalogue)
    return part(
        "parts/bursts.html", Part(_by_sharpness(view, groups, known), len(view.duplicates), ""), first=offset + 1
    )


@router.get("/api/duplicates")
def duplicates_json(
    view: ViewOf, services: ServicesOf, offset: Offset = 0, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """Groups of photos that show the same, the sharpest first as far as sharpness was measured."""
    with open_catalogue(Artifacts(services.settings.artifacts)) as catalogue:
        tiles = _by_sharpness(view, view.duplicates[offset : offset + limit], catalogue.sharpness())
    return {"groups": [[item.hash for item in group] for group in tiles], "total": len(view.duplicates)}


@router.get("/api/complete")
def complete(view: ViewOf, text: Text, what: Literal["tag", "cluster"] = "tag") -> list[str]:
    """Tags, or names of clusters, that go on from a text."""
    if what == "tag":
        return list(view.photos.complete_tag(text))
    found = view.clusters.clusters(ClusterQuery(text=text), limit=10)
    return [view.library.descriptions[row.cluster].name for row in found.items]


def _found(view: View, q: str, by: By, offset: int, limit: int) -> Slice[FoundPhoto]:
    if by == "tag":
        return view.photos.by_tag(q, offset=offset, limit=limit)
    if by == "name":
        return view.photos.by_name(q, offset=offset, limit=limit)
    index = view.photo_of.get(q)
    if index is None:
        raise HTTPException(404, "there is no such photo in the library")
    return view.photos.like_photo(index, offset=offset, limit=limit)


def _part(view: View, q: str, by: By, offset: int) -> Part:
    if by == "photo" and q not in view.photo_of:
        return Part((), 0, "")
    found = _found(view, q, by, offset, PHOTOS_A_PART)
    tiles = tuple(tile(view, item.photo, _note(item, by)) for item in found.items)
    if by == "tag":
        tiles = tuple(_asked_first(item, normalise_tag(q)) for item in tiles)
    return Part(tiles, found.total, next_address(found, "/parts/search", {"q": q, "by": by}))


def _asked_first(item: Tile, asked: str) -> Tile:
    """The tag that was asked for is the one that the tile says."""
    tags = sorted(item.card.tags, key=lambda shown: normalise_tag(shown.tag) != asked)
    return replace(item, card=replace(item.card, tags=tuple(tags)))


def _own_tags(view: View) -> list[tuple[str, int]]:
    """The person's commonest tags, with how many photos they gave each to."""
    seeds = view.library.seeds
    counts = seeds.matrix.sum(axis=0)
    order = np.argsort(-counts, kind="stable")[:OWN_TAGS].tolist()
    return [(printable(seeds.vocabulary[tag]), int(counts[tag])) for tag in order if counts[tag]]


def _note(item: FoundPhoto, by: By) -> str:
    if by == "name":
        return ""
    return f"{item.score:.2f} alike" if by == "photo" else "yours" if item.own else percent(item.score)


def _by_sharpness(
    view: View, groups: Sequence[DuplicateGroup], sharpness: Mapping[str, float]
) -> tuple[tuple[Tile, ...], ...]:
    """Each group's tiles, the sharpest first; those that were not measured keep their order behind."""
    shown = []
    for group in groups:
        order = sharpest_first(view.library, group.photos, sharpness)
        best = "sharpest" if view.hash_of(order[0]) in sharpness else ""
        shown.append(tuple(tile(view, photo, "" if rank else best) for rank, photo in enumerate(order)))
    return tuple(shown)
