"""The page Try a photo: predicted tags, and the photos of the library that support them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from clustertags.pages.cards import SUGGESTION_SCORE, percent
from clustertags.support.printable import printable
from clustertags.tagging.prediction_json import as_json
from clustertags.tagging.predictions import TagOptions
from clustertags.types import UNCLUSTERED
from clustertags.web.rendering import page
from clustertags.web.routes.tagging import UPLOAD, UPLOAD_ERRORS, examine_upload
from clustertags.web.schemas.errors import error_responses
from clustertags.web.schemas.tagging import (
    ClusterPicture,
    NearestCluster,
    SimilarPhoto,
    TagPrediction,
    TriedPhoto,
)
from clustertags.web.services import ServicesDep, SnapshotDep
from clustertags.web.snapshot import Snapshot
from clustertags.workflows.tag import Examined

router = APIRouter(tags=["tagging"])
SHOWN_TAGS = TagOptions(top_k=12, explain=True)
SHOWN_PHOTOS = 5


@router.get("/try", include_in_schema=False)
def try_a_photo(snapshot: SnapshotDep, services: ServicesDep) -> Response:
    limits = services.settings.limits.decode
    return page(
        "try.html",
        snapshot.summary,
        mebibytes=limits.max_file_bytes >> 20,
        tagged=snapshot.library.seeds.n_labelled,
        suggest=SUGGESTION_SCORE,
    )


@router.post(
    "/api/look",
    openapi_extra=UPLOAD,
    responses={**UPLOAD_ERRORS, **error_responses(409)},
    response_model_exclude_unset=True,
)
async def look(request: Request, services: ServicesDep, snapshot: SnapshotDep) -> TriedPhoto:
    """Predict the tags of a photo as `POST /api/tag?explain=true` does, and find the photos that support them: those of
    its cluster, the nearest tagged ones and the most similar ones.
    """
    examined = await examine_upload(request, services, SHOWN_TAGS)
    return TriedPhoto(
        answer=TagPrediction.model_validate(as_json(examined.prediction, explain=True)),
        hash=examined.content_hash,
        photo=None if examined.photo is None else f"/photos/{examined.content_hash}",
        own_tags=[] if examined.photo is None else list(snapshot.library.seed_tags_of(examined.photo)),
        rejected=list(snapshot.library.rejected.get(examined.content_hash, ())),
        cluster=_cluster(snapshot, examined),
        labelled=_similar_photos(snapshot, examined.labelled, examined.photo),
        alike=_similar_photos(snapshot, examined.nearest, examined.photo),
    )


def _cluster(snapshot: Snapshot, examined: Examined) -> NearestCluster | None:
    """The cluster of most of the nearest photos in the snapshot. Edits may have changed the clusters since the tagger's
    version was published, so the cluster in its prediction may no longer exist.
    """
    if examined.prediction.cluster is None:
        return None
    labels = snapshot.library.clusters.labels
    near = [int(labels[photo]) for photo, _ in examined.nearest if photo < len(labels)]
    placed = [label for label in near if label != UNCLUSTERED]
    if not placed:
        return None
    number = max(placed, key=placed.count)
    card = snapshot.cluster_card(number)
    return NearestCluster(
        name=card.name,
        href=f"/{card.href}",
        n_photos=card.size,
        score=percent(examined.prediction.cluster.score),
        pictures=[
            ClusterPicture(thumbnail=snapshot.thumbnail_href(photo.photo), name=photo.name) for photo in card.mosaic
        ],
    )


def _similar_photos(snapshot: Snapshot, found: tuple[tuple[int, float], ...], itself: int | None) -> list[SimilarPhoto]:
    """The first of the photos `found`, without the uploaded photo itself where the library has it."""
    others = [(photo, likeness) for photo, likeness in found if photo != itself and photo < snapshot.library.n_photos]
    return [
        SimilarPhoto(
            href=f"/photos/{snapshot.hash_of(photo)}",
            thumbnail=snapshot.thumbnail_href(photo),
            name=snapshot.photo_card(photo).name,
            tags=[printable(tag) for tag in snapshot.library.seed_tags_of(photo)],
            likeness=round(likeness, 3),
        )
        for photo, likeness in others[:SHOWN_PHOTOS]
    ]
