"""The page Label next: the photos whose labels would help most, each with tags to choose from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from clustertags.pages.cards import percent
from clustertags.support.printable import printable
from clustertags.web.rendering import page
from clustertags.web.schemas.errors import LIBRARY, error_responses
from clustertags.web.schemas.labelling import SuggestedPhoto, SuggestedPhotos, TagChoice
from clustertags.web.services import ServicesDep, SnapshotDep
from clustertags.web.snapshot import Snapshot
from clustertags.workflows.suggest import PhotoToTag

router = APIRouter(tags=["labelling"])
BATCH_PHOTOS = 8
KEYS = 9


@router.get("/label", include_in_schema=False)
def label(snapshot: SnapshotDep) -> Response:
    return page(
        "label.html",
        snapshot.summary,
        batch=BATCH_PHOTOS,
        untagged=snapshot.library.n_photos - snapshot.summary.n_labelled,
    )


@router.get("/api/suggestions", responses=error_responses(*LIBRARY, 422))
def suggestions(
    services: ServicesDep, snapshot: SnapshotDep, n: Annotated[int, Query(ge=1, le=50)] = BATCH_PHOTOS
) -> SuggestedPhotos:
    """List the photos to label next, most informative first, each with the reason and tags to choose from."""
    found = services.suggester.suggest(snapshot.library, n)
    return SuggestedPhotos(photos=[_photo(snapshot, item) for item in found.photos], n_untagged=found.n_unlabelled)


def _photo(snapshot: Snapshot, item: PhotoToTag) -> SuggestedPhoto:
    return SuggestedPhoto(
        hash=snapshot.hash_of(item.photo),
        name=printable(item.path),
        picture=f"/pictures/{snapshot.hash_of(item.photo)}.webp",
        thumbnail=snapshot.thumbnail_href(item.photo),
        reason=printable(item.reason, 300),
        choices=_choices(snapshot, item),
    )


def _choices(snapshot: Snapshot, item: PhotoToTag) -> list[TagChoice]:
    """The tags of the number keys: the predicted ones, then those that the user gave most often."""
    predicted = {tag: percent(score) for tag, score in item.best_tags}
    seeds = snapshot.library.seeds
    by_use = seeds.matrix.sum(axis=0).argsort(kind="stable")[::-1]
    common = (seeds.vocabulary[tag] for tag in by_use.tolist())
    tags = list(dict.fromkeys([*predicted, *common]))[:KEYS]
    return [TagChoice(tag=tag, score=predicted.get(tag, "")) for tag in tags]
