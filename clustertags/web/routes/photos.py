"""Pages of photos: those of a cluster, the unclustered, the hidden, the skipped files, and one photo."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from clustertags.browsing.slices import Slice
from clustertags.pages.cards import is_suggestion
from clustertags.pages.reasons import photo_reasons
from clustertags.pages.skipped import skipped_pages
from clustertags.support.printable import printable
from clustertags.types import UNCLUSTERED
from clustertags.web.rendering import page, part
from clustertags.web.routes.clusters import Offset
from clustertags.web.schemas.errors import LIBRARY, error_responses
from clustertags.web.schemas.photos import ClusterOfPhoto, PhotoDetails, ScoredTag
from clustertags.web.services import ContentHash, SnapshotDep, find_photo
from clustertags.web.snapshot import Snapshot
from clustertags.web.tiles import PHOTOS_A_PART, Part, Tile, photos_part, tile

router = APIRouter(tags=["photos"])
SIMILAR_PHOTOS = 12


@router.get("/clusters/{key}", include_in_schema=False)
def cluster(key: str, snapshot: SnapshotDep) -> Response:
    number = snapshot.cluster_of.get(key)
    if number is None:
        return page(
            "error.html",
            snapshot.summary,
            404,
            heading="This cluster no longer exists",
            detail="It was merged or split, or a new fit replaced it. Undo reverts the last edit.",
        )
    return page(
        "cluster.html",
        snapshot.summary,
        cluster=snapshot.cluster_card(number),
        key=key,
        part=_cluster_part(snapshot, number, 0),
        heading=snapshot.cluster_name(number),
    )


@router.get("/parts/clusters/{key}", include_in_schema=False)
def more_of_cluster(key: str, snapshot: SnapshotDep, offset: Offset = 0) -> Response:
    number = snapshot.cluster_of.get(key)
    if number is None:
        raise HTTPException(404, "there is no such cluster")
    return part("parts/tiles.html", _cluster_part(snapshot, number, offset))


@router.get("/unclustered", include_in_schema=False)
def unclustered(snapshot: SnapshotDep) -> Response:
    return page("unclustered.html", snapshot.summary, part=_unclustered_part(snapshot, 0))


@router.get("/parts/unclustered", include_in_schema=False)
def more_unclustered(snapshot: SnapshotDep, offset: Offset = 0) -> Response:
    return part("parts/tiles.html", _unclustered_part(snapshot, offset))


@router.get("/hidden", include_in_schema=False)
def hidden(snapshot: SnapshotDep) -> Response:
    return page("hidden.html", snapshot.summary, part=_hidden_part(snapshot, 0))


@router.get("/parts/hidden", include_in_schema=False)
def more_hidden(snapshot: SnapshotDep, offset: Offset = 0) -> Response:
    return part("parts/tiles.html", _hidden_part(snapshot, offset))


@router.get("/parts/tiles", include_in_schema=False)
def some_tiles(snapshot: SnapshotDep, photo: Annotated[list[ContentHash], Query(max_length=200)]) -> Response:
    """The current tiles of given photos, for a page to update after an edit."""
    known = [snapshot.photo_of[content_hash] for content_hash in photo if content_hash in snapshot.photo_of]
    return part("parts/tiles.html", Part(tuple(tile(snapshot, index) for index in known), len(known), ""))


@router.get("/skipped-{number}.html", include_in_schema=False)
def skipped(number: int, snapshot: SnapshotDep) -> Response:
    pages = list(skipped_pages(snapshot.library))
    if not 1 <= number <= len(pages):
        raise HTTPException(404, "there is no such page")
    return page("skipped.html", snapshot.summary, page=pages[number - 1])


@router.get("/photos/{content_hash}", include_in_schema=False)
def photo(content_hash: ContentHash, snapshot: SnapshotDep) -> Response:
    index = find_photo(snapshot, content_hash)
    number = int(snapshot.library.clusters.labels[index])
    return page(
        "photo.html",
        snapshot.summary,
        tile=tile(snapshot, index),
        cluster=None if number == UNCLUSTERED else snapshot.cluster_card(number),
        rejected=[printable(tag) for tag in snapshot.library.rejected.get(content_hash, ())],
        shows_none=index in snapshot.library.seeds.none,
        in_full=snapshot.library.labelled_in_full(index),
        hidden=snapshot.is_hidden(index),
        reasons=photo_reasons(snapshot.library, [index])[0],
        similar=Part(_similar(snapshot, index), SIMILAR_PHOTOS, ""),
    )


@router.get("/api/photos/{content_hash}", responses=error_responses(*LIBRARY, 404, 422))
def photo_json(content_hash: ContentHash, snapshot: SnapshotDep) -> PhotoDetails:
    """Get a photo's files, tags and cluster."""
    index = find_photo(snapshot, content_hash)
    number = int(snapshot.library.clusters.labels[index])
    own = snapshot.library.seed_tags_of(index)
    return PhotoDetails(
        hash=content_hash,
        paths=[printable(path) for path in snapshot.library.photos[index].files],
        thumbnail=snapshot.thumbnail_href(index),
        own_tags=list(own),
        tags=[
            ScoredTag(tag=tag, score=round(score, 6), suggested=is_suggestion(score) and tag not in own)
            for tag, score in snapshot.library.tags_of(index)
        ],
        rejected=list(snapshot.library.rejected.get(content_hash, ())),
        complete=bool(snapshot.library.labelled_in_full(index)),
        none=index in snapshot.library.seeds.none,
        cluster=None
        if number == UNCLUSTERED
        else ClusterOfPhoto(key=snapshot.library.cluster_keys[number], name=snapshot.cluster_name(number)),
        hidden=snapshot.is_hidden(index),
        added=snapshot.library.is_added(index),
    )


def _cluster_part(snapshot: Snapshot, number: int, offset: int) -> Part:
    found = snapshot.clusters.photos(number, offset=offset, limit=PHOTOS_A_PART)
    return photos_part(snapshot, found, f"/parts/{snapshot.cluster_href(number)}")


def _unclustered_part(snapshot: Snapshot, offset: int) -> Part:
    return photos_part(
        snapshot, snapshot.clusters.photos(None, offset=offset, limit=PHOTOS_A_PART), "/parts/unclustered"
    )


def _hidden_part(snapshot: Snapshot, offset: int) -> Part:
    found: Slice[int] = snapshot.clusters.hidden(offset=offset, limit=PHOTOS_A_PART)
    return photos_part(snapshot, found, "/parts/hidden")


def _similar(snapshot: Snapshot, index: int) -> tuple[Tile, ...]:
    found = snapshot.photos.like_photo(index, limit=SIMILAR_PHOTOS)
    return tuple(tile(snapshot, item.photo, f"similarity {item.score:.2f}") for item in found.items)
