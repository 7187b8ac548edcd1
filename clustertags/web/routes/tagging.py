"""Tags for a photo that is sent."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.files import HEADER_BYTES, sniff_format
from clustertags.tagging.prediction_json import as_json
from clustertags.tagging.predictions import TagOptions
from clustertags.web.guard import declared_length
from clustertags.web.routes.operation import Responses
from clustertags.web.services import Services, ServicesOf
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
                    "properties": {FIELD: {"type": "string", "format": "binary", "description": "the photo"}},
                }
            }
        },
    }
}
REFUSALS: Responses = {
    408: {"description": "The upload came too slowly."},
    413: {"description": "The upload is larger than the server takes."},
    415: {"description": "It is no photo in a format that can be read."},
    422: {"description": "The form is malformed, or the photo is damaged or too large to decode."},
    503: {"description": "Too many uploads at once: try again after `Retry-After` seconds."},
}


@router.post("/api/tag", openapi_extra=UPLOAD, responses=REFUSALS)
async def tag(
    request: Request,
    services: ServicesOf,
    top_k: Annotated[int, Query(ge=1, le=1000, description="at most so many tags")] = 10,
    min_score: Annotated[float, Query(ge=0, le=1, description="only tags at least this likely right")] = 0.3,
    precision: Annotated[float | None, Query(ge=0, le=1, description="instead: tags right this often")] = None,
    explain: Annotated[bool, Query(description="say where each tag comes from")] = False,
) -> dict[str, Any]:
    """The tags of a photo, as one line of `clustertags tag --format jsonl`; `path` is what the upload is called."""
    examined = await examine_upload(request, services, TagOptions(top_k, min_score, precision, explain))
    return as_json(examined.prediction, explain=explain)


async def examine_upload(request: Request, services: Services, options: TagOptions) -> Examined:
    """Receive the photo and look at it, in a place of the queue. Raises `HTTPException`."""
    most_bytes = services.settings.limits.decode.max_file_bytes
    declared = declared_length(request.headers)
    # Without a declared length it may be as long as is allowed; with one, no more will be read.
    n_bytes = most_bytes if declared is None else declared
    with services.uploads.place(n_bytes), services.metrics.uploads.track_inprogress():
        upload = await receive_upload(request, most_bytes)
        if sniff_format(upload.data[:HEADER_BYTES]) is None:
            raise HTTPException(415, "it is not a photo in a format that can be read")
        try:
            return await services.uploads.run(partial(services.shelf.tagger.examine, upload.name, upload.data, options))
        except UnreadablePhotoError as error:
            raise HTTPException(422, str(error)) from error
