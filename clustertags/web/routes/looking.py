"""Try a photo: its tags, and what speaks for them, with pictures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from clustertags.pages.cards import percent
from clustertags.support.printable import printable
from clustertags.tagging.prediction_json import as_json
from clustertags.tagging.predictions import TagOptions
from clustertags.types import UNCLUSTERED
from clustertags.web.rendering import page
from clustertags.web.routes.tagging import REFUSALS, UPLOAD, examine_upload
from clustertags.web.services import ServicesOf, ViewOf
from clustertags.web.views import View
from clustertags.workflows.tag import Examined

router = APIRouter(tags=["tagging"])
SHOWN_TAGS = TagOptions(top_k=12, min_score=0.1, explain=True)
SHOWN_PHOTOS = 5


@router.get("/try", include_in_schema=False)
def try_a_photo(view: ViewOf, services: ServicesOf) -> Response:
    limits = services.settings.limits.decode
    return page("try.html", view.summary, mebibytes=limits.max_file_bytes >> 20, tagged=view.library.seeds.n_labelled)


@router.post("/api/look", openapi_extra=UPLOAD, responses=REFUSALS)
async def look(request: Request, services: ServicesOf, view: ViewOf) -> dict[str, Any]:
    """The answer of `POST /api/tag?explain=true` as `answer`, with pictures of what it rests on: the cluster's, the
    nearest tagged photos and the most alike ones.
    """
    examined = await examine_upload(request, services, SHOWN_TAGS)
    return {
        "answer": as_json(examined.prediction, explain=True),
        "hash": examined.content_hash,
        "photo": None if examined.photo is None else f"/photos/{examined.content_hash}",
        "own_tags": [] if examined.photo is None else list(view.library.seed_tags_of(examined.photo)),
        "rejected": list(view.library.rejected.get(examined.content_hash, ())),
        "cluster": _cluster(view, examined),
        "labelled": _pictures(view, examined.labelled, examined.photo),
        "alike": _pictures(view, examined.nearest, examined.photo),
    }


def _cluster(view: View, examined: Examined) -> dict[str, Any] | None:
    """The cluster as it is now, which edits may have changed since the tagger's version was made: that of the nearest
    photos.
    """
    if examined.prediction.cluster is None:
        return None
    labels = view.library.clusters.labels
    near = [int(labels[photo]) for photo, _ in examined.nearest if photo < len(labels)]
    placed = [label for label in near if label != UNCLUSTERED]
    if not placed:
        return None
    number = max(placed, key=placed.count)
    card = view.cluster_card(number)
    return {
        "name": card.name,
        "href": f"/{card.href}",
        "n_photos": card.size,
        "score": percent(examined.prediction.cluster.score),
        "pictures": [{"thumbnail": view.thumbnail_href(photo.photo), "name": photo.name} for photo in card.mosaic],
    }


def _pictures(view: View, found: tuple[tuple[int, float], ...], itself: int | None) -> list[dict[str, Any]]:
    others = [(photo, likeness) for photo, likeness in found if photo != itself and photo < view.library.n_photos]
    return [
        {
            "href": f"/photos/{view.hash_of(photo)}",
            "thumbnail": view.thumbnail_href(photo),
            "name": view.photo_card(photo).name,
            "tags": [printable(tag) for tag in view.library.seed_tags_of(photo)],
            "likeness": round(likeness, 3),
        }
        for photo, likeness in others[:SHOWN_PHOTOS]
    ]
