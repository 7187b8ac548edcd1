"""Predict the tags of an uploaded photo."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.files import HEADER_BYTES, sniff_format
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.tagging.prediction_json import as_json
from clustertags.tagging.predictions import TagOptions
from clustertags.web.middleware import declared_length
from clustertags.web.schemas.errors import API, error_responses
from clustertags.web.schemas.tagging import TagPrediction
from clustertags.web.services import Services, ServicesDep
from clustertags.web.uploads import FIELD, receive_upload
from clustertags.workflows.tag import Examined

router = APIRouter(tags=["tagging"])

UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary", "description": "the photo file"}},
                }
            }
        },
    }
}
UPLOAD_ERRORS = error_responses(*API, 408, 413, 415, 422, 503)


@router.post("/api/tag", openapi_extra=UPLOAD, responses=UPLOAD_ERRORS, response_model_exclude_unset=True)
async def tag(
    request: Request,
    services: ServicesDep,
    top_k: Annotated[int, Query(ge=1, le=1000, description="maximum number of tags")] = 10,
    min_score: Annotated[float, Query(ge=0, le=1, description="minimum score of a tag")] = MIN_SCORE,
    precision: Annotated[
        float | None,
        Query(ge=0, le=1, description="instead of `min_score`: only tags that are expected to be right this often"),
    ] = None,
    explain: Annotated[bool, Query(description="explain each score: adds `parts` and `withheld`")] = False,
) -> TagPrediction:
    """Predict the tags of a photo. The response is the object that `clustertags tag --format jsonl` prints."""
    examined = await examine_upload(request, services, TagOptions(top_k, min_score, precision, explain))
    return TagPrediction.model_validate(as_json(examined.prediction, explain=explain))


async def examine_upload(request: Request, services: Services, options: TagOptions) -> Examined:
    """Receive a photo and predict its tags, within the upload queue. Raises `HTTPException`."""
    most_bytes = services.settings.limits.decode.max_file_bytes
    declared = declared_length(request.headers)
    # An upload without a Content-Length reserves the maximum; one with it cannot be longer.
    n_bytes = most_bytes if declared is None else declared
    with services.uploads.place(n_bytes), services.metrics.uploads.track_inprogress():
        upload = await receive_upload(request, most_bytes)
        if sniff_format(upload.data[:HEADER_BYTES]) is None:
            raise HTTPException(415, "it is not a photo in a format that can be read")
        try:
            return await services.uploads.run(
                partial(services.library_state.tagger.examine, upload.name, upload.data, options)
            )
        except UnreadablePhotoError as error:
            raise HTTPException(422, services.library_state.describe(error)) from error
