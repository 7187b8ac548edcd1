"""Pages of photos: a cluster's, the unclustered, those not wanted, the skipped files; and one photo's own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response

from clustertags.browsing.slices import Slice
from clustertags.pages.reasons import photo_reasons
from clustertags.pages.skipped import skipped_pages
from clustertags.support.printable import printable
from clustertags.types import UNCLUSTERED
from clustertags.web.rendering import page, part
from clustertags.web.routes.operation import no_such
from clustertags.web.routes.wall import Offset
from clustertags.web.services import ContentHash, ViewOf, find_photo
from clustertags.web.tiles import PHOTOS_A_PART, Part, photos_part, tile
from clustertags.web.views import View

router = APIRouter(tags=["photos"])
ALIKE_PHOTOS = 12


@router.get("/clusters/{key}", include_in_schema=False)
def cluster(key: str, view: ViewOf) -> Response:
    number = view.cluster_of.get(key)
    if number is None:
        return page(
            "error.html",
            view.summary,
            404,
            heading="This cluster is no more",
            detail="It was merged, split or fitted anew. Undo takes back the last edit.",
        )
    return page(
        "cluster.html",
        view.summary,
        cluster=view.cluster_card(number),
        key=key,
        part=_cluster_part(view, number, 0),
        heading=view.cluster_name(number),
    )


@router.get("/parts/clusters/{key}", include_in_schema=False)
def more_of_cluster(key: str, view: ViewOf, offset: Offset = 0) -> Response:
    number = view.cluster_of.get(key)
    if number is None:
        raise HTTPException(404, "there is no such cluster")
    return part("parts/tiles.html", _cluster_part(view, number, offset))


@router.get("/unclustered", include_in_schema=False)
def unclustered(view: ViewOf) -> Response:
    return page("unclustered.html", view.summary, part=_unclustered_part(view, 0))


@router.get("/parts/unclustered", include_in_schema=False)
def more_unclustered(view: ViewOf, offset: Offset = 0) -> Response:
    return part("parts/tiles.html", _unclustered_part(view, offset))


@router.get("/hidden", include_in_schema=False)
def hidden(view: ViewOf) -> Response:
    return page("hidden.html", view.summary, part=_hidden_part(view, 0))


@router.get("/parts/hidden", include_in_schema=False)
def more_hidden(view: ViewOf, offset: Offset = 0) -> Response:
    return part("parts/tiles.html", _hidden_part(view, offset))


@router.get("/parts/tiles", include_in_schema=False)
def some_tiles(view: ViewOf, photo: Annotated[list[ContentHash], Query(max_length=200)]) -> Response:
    """Tiles as they are now, after an edit."""
    known = [view.photo_of[content_hash] for content_hash in photo if content_hash in view.photo_of]
    return part("parts/tiles.html", Part(tuple(tile(view, index) for index in known), len(known), ""))


@router.get("/skipped-{number}.html", include_in_schema=False)
def skipped(number: int, view: ViewOf) -> Response:
    pages = list(skipped_pages(view.library))
    if not 1 <= number <= len(pages):
        raise HTTPException(404, "there is no such page")
    return page("skipped.html", view.summary, page=pages[number - 1])


@router.get("/photos/{content_hash}", include_in_schema=False)
def photo(content_hash: ContentHash, view: ViewOf) -> Response:
    index = find_photo(view, content_hash)
    number = int(view.library.clusters.labels[index])
    return page(
        "photo.html",
        view.summary,
        tile=tile(view, index),
        cluster=None if number == UNCLUSTERED else view.cluster_card(number),
        rejected=[printable(tag) for tag in view.library.rejected.get(content_hash, ())],
        hidden=view.is_hidden(index),
        reasons=photo_reasons(view.library, [index])[0],
        alike=Part(_alike(view, index), ALIKE_PHOTOS, ""),
    )


@router.get("/api/photos/{content_hash}", responses=no_such("photo"))
def photo_json(content_hash: ContentHash, view: ViewOf) -> dict[str, Any]:
    """What is known of a photo: its files, tags and cluster."""
    index = find_photo(view, content_hash)
    number = int(view.library.clusters.labels[index])
    return {
        "hash": content_hash,
        "paths": [printable(path) for path in view.library.photos[index].paths],
        "thumbnail": view.thumbnail_href(index),
        "own_tags": list(view.library.seed_tags_of(index)),
        "tags": [{"tag": tag, "score": round(score, 6)} for tag, score in view.library.tags_of(index)],
        "rejected": list(view.library.rejected.get(content_hash, ())),
        "cluster": None
        if number == UNCLUSTERED
        else {"key": view.library.cluster_keys[number], "name": view.cluster_name(number)},
        "hidden": view.is_hidden(index),
    }


def _cluster_part(view: View, number: int, offset: int) -> Part:
    found = view.clusters.photos(number, offset=offset, limit=PHOTOS_A_PART)
    return photos_part(view, found, f"/parts/{view.cluster_href(number)}")


def _unclustered_part(view: View, offset: int) -> Part:
    return photos_part(view, view.clusters.photos(None, offset=offset, limit=PHOTOS_A_PART), "/parts/unclustered")


def _hidden_part(view: View, offset: int) -> Part:
    found: Slice[int] = view.clusters.hidden(offset=offset, limit=PHOTOS_A_PART)
    return photos_part(view, found, "/parts/hidden")


def _alike(view: View, index: int) -> tuple[Any, ...]:
    found = view.photos.like_photo(index, limit=ALIKE_PHOTOS)
    return tuple(tile(view, item.photo, f"{item.score:.2f} alike") for item in found.items)
