"""Search by tag, words, file name or similar photo; near-duplicates; completion of tags and cluster names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Query, Response

from clustertags.browsing.duplicates import DuplicateGroup, sharpest_first
from clustertags.browsing.listing import ClusterQuery
from clustertags.browsing.searching import FoundPhoto
from clustertags.browsing.slices import Slice
from clustertags.errors import UsageError, WordsError
from clustertags.labels.normalisation import normalise_tag
from clustertags.library.artifacts import Artifacts
from clustertags.library.library_features import open_catalogue
from clustertags.library.sharpness import sharpness_of
from clustertags.pages.cards import percent
from clustertags.support.printable import printable
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.web.rendering import page, part
from clustertags.web.routes.clusters import Offset, Text
from clustertags.web.schemas.errors import LIBRARY, error_responses
from clustertags.web.schemas.photos import DuplicateGroups, SearchResults
from clustertags.web.schemas.photos import FoundPhoto as FoundPhotoItem
from clustertags.web.services import Services, ServicesDep, SnapshotDep
from clustertags.web.snapshot import Snapshot
from clustertags.web.tiles import PHOTOS_A_PART, Part, Tile, next_address, tile

router = APIRouter(tags=["search"])
By = Literal["tag", "words", "name", "photo"]
GROUPS_A_PAGE = 40
OWN_TAGS = 30
WORDS_SHOWN = 24


@router.get("/search", include_in_schema=False)
def search(snapshot: SnapshotDep, services: ServicesDep, q: Text = "", by: By = "tag") -> Response:
    query = q.strip()
    like = None
    if by == "photo" and query in snapshot.photo_of:
        like = tile(snapshot, snapshot.photo_of[query])
    shown, basis, preview = None, "", None
    if query and by == "words":
        shown, basis = _by_words(snapshot, services, query, 0, PHOTOS_A_PART)
    elif query:
        shown = _part(snapshot, query, by, 0)
    if query and by == "tag" and services.words.is_quick(snapshot.library):
        preview, basis = _by_words(snapshot, services, query, 0, WORDS_SHOWN)
    return page(
        "search.html",
        snapshot.summary,
        q=query,
        by=by,
        like=like,
        part=shown,
        words=preview,
        basis=printable(basis, 600),
        tags=_own_tags(snapshot),
        least=percent(MIN_SCORE),
    )


@router.get("/parts/search", include_in_schema=False)
def more_found(snapshot: SnapshotDep, services: ServicesDep, q: Text, by: By = "tag", offset: Offset = 0) -> Response:
    if by == "words":
        return part("parts/tiles.html", _by_words(snapshot, services, q, offset, PHOTOS_A_PART)[0])
    return part("parts/tiles.html", _part(snapshot, q, by, offset))


@router.get("/api/search", responses=error_responses(*LIBRARY, 404, 422))
def search_json(
    snapshot: SnapshotDep,
    services: ServicesDep,
    q: Text,
    by: By = "tag",
    offset: Offset = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> SearchResults:
    """Find photos that have a tag, match words, whose path contains a text, or that resemble a photo (`q` is its
    content hash).
    """
    basis = ""
    if by == "words":
        result = services.words.search(snapshot.library, q, offset=offset, limit=limit)
        found, basis = result.found, services.words.explain(result)
    else:
        found = _found(snapshot, q, by, offset, limit)
    photos = [
        FoundPhotoItem(
            photo=snapshot.hash_of(item.photo),
            path=snapshot.photo_card(item.photo).name,
            score=item.score,
            added=snapshot.library.is_added(item.photo),
        )
        for item in found.items
    ]
    return SearchResults(photos=photos, total=found.total, next_offset=found.next_offset, basis=basis)


@router.get("/duplicates", include_in_schema=False)
def duplicates(snapshot: SnapshotDep, services: ServicesDep, offset: Offset = 0) -> Response:
    """Groups of near-duplicates, sorted by the sharpness known so far; the page's script requests the rest."""
    with open_catalogue(Artifacts(services.settings.artifacts)) as catalogue:
        known = catalogue.sharpness()
    groups = snapshot.duplicates[offset : offset + GROUPS_A_PAGE]
    following = offset + GROUPS_A_PAGE
    return page(
        "duplicates.html",
        snapshot.summary,
        groups=_by_sharpness(snapshot, groups, known),
        measured=all(snapshot.hash_of(photo) in known for group in groups for photo in group.photos),
        total=len(snapshot.duplicates),
        by_features=snapshot.library.duplicate_groups is None,
        identical=sum(len(photo.paths) > 1 for photo in snapshot.library.photos),
        first=offset + 1,
        previous=f"/duplicates?offset={max(0, offset - GROUPS_A_PAGE)}" if offset else "",
        next=f"/duplicates?offset={following}" if following < len(snapshot.duplicates) else "",
    )


@router.get("/parts/duplicates", include_in_schema=False)
def measured_duplicates(snapshot: SnapshotDep, services: ServicesDep, offset: Offset = 0) -> Response:
    """The same groups with the sharpness of all photos, which takes a moment the first time."""
    groups = snapshot.duplicates[offset : offset + GROUPS_A_PAGE]
    with open_catalogue(Artifacts(services.settings.artifacts)) as catalogue:
        known = sharpness_of(snapshot.library, [photo for group in groups for photo in group.photos], catalogue)
    return part(
        "parts/bursts.html",
        Part(_by_sharpness(snapshot, groups, known), len(snapshot.duplicates), ""),
        first=offset + 1,
    )


@router.get("/api/duplicates", responses=error_responses(*LIBRARY, 422))
def duplicates_json(
    snapshot: SnapshotDep, services: ServicesDep, offset: Offset = 0, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> DuplicateGroups:
    """List groups of near-duplicates, the sharpest photo of each first where sharpness has been measured."""
    with open_catalogue(Artifacts(services.settings.artifacts)) as catalogue:
        tiles = _by_sharpness(snapshot, snapshot.duplicates[offset : offset + limit], catalogue.sharpness())
    return DuplicateGroups(groups=[[item.hash for item in group] for group in tiles], total=len(snapshot.duplicates))


@router.get("/api/complete", responses=error_responses(*LIBRARY, 422))
def complete(snapshot: SnapshotDep, text: Text, what: Literal["tag", "cluster"] = "tag") -> list[str]:
    """Complete a text: tags, or names of clusters, that begin with it or contain it."""
    if what == "tag":
        return list(snapshot.photos.complete_tag(text))
    found = snapshot.clusters.clusters(ClusterQuery(text=text), limit=10)
    return [snapshot.library.descriptions[row.cluster].name for row in found.items]


def _found(snapshot: Snapshot, q: str, by: By, offset: int, limit: int) -> Slice[FoundPhoto]:
    if by == "tag":
        return snapshot.photos.by_tag(q, offset=offset, limit=limit)
    if by == "name":
        return snapshot.photos.by_name(q, offset=offset, limit=limit)
    index = snapshot.photo_of.get(q)
    if index is None:
        raise HTTPException(404, "there is no such photo in the library")
    return snapshot.photos.like_photo(index, offset=offset, limit=limit)


def _part(snapshot: Snapshot, q: str, by: By, offset: int) -> Part:
    if by == "photo" and q not in snapshot.photo_of:
        return Part((), 0, "")
    found = _found(snapshot, q, by, offset, PHOTOS_A_PART)
    tiles = tuple(tile(snapshot, item.photo, _note(item, by)) for item in found.items)
    if by == "tag":
        tiles = tuple(_searched_first(item, normalise_tag(q)) for item in tiles)
    return Part(tiles, found.total, next_address(found, "/parts/search", {"q": q, "by": by}))


def _by_words(snapshot: Snapshot, services: Services, q: str, offset: int, limit: int) -> tuple[Part, str]:
    """The photos that match the words, and a sentence on what that rests on, or why there are none."""
    try:
        result = services.words.search(snapshot.library, q, offset=offset, limit=limit)
    except (UsageError, WordsError) as error:
        message = services.library_state.describe(error)
        return Part((), 0, ""), f"{message[:1].upper()}{message[1:]}."
    tiles = tuple(tile(snapshot, item.photo, _note(item, "words")) for item in result.found.items)
    following = next_address(result.found, "/parts/search", {"q": q, "by": "words"})
    return Part(tiles, result.found.total, following), services.words.explain(result)


def _searched_first(item: Tile, searched: str) -> Tile:
    """The tile with the searched tag as the one that it shows."""
    tags = sorted(item.card.tags, key=lambda shown: normalise_tag(shown.tag) != searched)
    return replace(item, card=replace(item.card, tags=tuple(tags)))


def _own_tags(snapshot: Snapshot) -> list[tuple[str, int]]:
    """The tags that the user gave most often, with the number of photos."""
    seeds = snapshot.library.seeds
    counts = seeds.matrix.sum(axis=0)
    order = np.argsort(-counts, kind="stable")[:OWN_TAGS].tolist()
    return [(printable(seeds.vocabulary[tag]), int(counts[tag])) for tag in order if counts[tag]]


def _note(item: FoundPhoto, by: By) -> str:
    if by == "name":
        return ""
    if by == "words" and not item.own:
        return f"match {item.score:.2f}"
    return f"similarity {item.score:.2f}" if by == "photo" else "yours" if item.own else percent(item.score)


def _by_sharpness(
    snapshot: Snapshot, groups: Sequence[DuplicateGroup], sharpness: Mapping[str, float]
) -> tuple[tuple[Tile, ...], ...]:
    """Each group's tiles, the sharpest first; those not measured yet follow in their order."""
    shown = []
    for group in groups:
        order = sharpest_first(snapshot.library, group.photos, sharpness)
        best = "sharpest" if snapshot.hash_of(order[0]) in sharpness else ""
        shown.append(tuple(tile(snapshot, photo, "" if rank else best) for rank, photo in enumerate(order)))
    return tuple(shown)
