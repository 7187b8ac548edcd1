"""Label next: the photos whose tags would tell the most, with guesses to press."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from clustertags.pages.cards import percent
from clustertags.support.printable import printable
from clustertags.web.rendering import page
from clustertags.web.services import ServicesOf, ViewOf
from clustertags.web.views import View
from clustertags.workflows.suggest import PhotoToTag

router = APIRouter(tags=["labelling"])
BATCH_PHOTOS = 8
KEYS = 9


@router.get("/label", include_in_schema=False)
def label(view: ViewOf) -> Response:
    return page(
        "label.html", view.summary, batch=BATCH_PHOTOS, untagged=view.library.n_photos - view.summary.n_labelled
    )


@router.get("/api/suggestions")
def suggestions(
    services: ServicesOf, view: ViewOf, n: Annotated[int, Query(ge=1, le=50)] = BATCH_PHOTOS
) -> dict[str, Any]:
    """The photos to tag next, the most worthwhile first, each with what its tags would pay and tags to choose from."""
    found = services.suggester.suggest(view.library, n)
    return {"photos": [_photo(view, item) for item in found.photos], "n_untagged": found.n_unlabelled}


def _photo(view: View, item: PhotoToTag) -> dict[str, Any]:
    return {
        "hash": view.hash_of(item.photo),
        "name": printable(item.path),
        "picture": f"/pictures/{view.hash_of(item.photo)}.webp",
        "thumbnail": view.thumbnail_href(item.photo),
        "reason": printable(item.reason, 300),
        "choices": _choices(view, item),
    }


def _choices(view: View, item: PhotoToTag) -> list[dict[str, str]]:
    """The tags of the number keys: what the model would say, then the person's commonest."""
    guessed = {tag: percent(score) for tag, score in item.best_tags}
    seeds = view.library.seeds
    by_use = seeds.matrix.sum(axis=0).argsort(kind="stable")[::-1]
    common = (seeds.vocabulary[tag] for tag in by_use.tolist())
    tags = list(dict.fromkeys([*guessed, *common]))[:KEYS]
    return [{"tag": tag, "score": guessed.get(tag, "")} for tag in tags]
