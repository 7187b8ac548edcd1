"""Pictures of the library's photos, by content hash."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response

from clustertags.web.schemas.errors import LIBRARY, Responses, error_responses
from clustertags.web.services import ContentHash, ServicesDep, SnapshotDep, find_photo

router = APIRouter(tags=["pictures"])
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
_WEBP: Responses = {200: {"content": {"image/webp": {}}}, **error_responses(*LIBRARY, 404, 422)}


@router.get("/thumbs/{start}/{content_hash}.webp", response_class=Response, responses=_WEBP)
def thumbnail(
    start: Annotated[str, Path(pattern=r"^[0-9a-f]{2}$")],
    content_hash: ContentHash,
    services: ServicesDep,
    snapshot: SnapshotDep,
) -> Response:
    """The photo at most 256 pixels wide and high."""
    photo = snapshot.library.photos[find_photo(snapshot, content_hash)]
    return _picture(services.pictures.thumbnail(photo, snapshot.library.root))


@router.get("/pictures/{content_hash}.webp", response_class=Response, responses=_WEBP)
def large(content_hash: ContentHash, services: ServicesDep, snapshot: SnapshotDep) -> Response:
    """The photo at most 1600 pixels wide and high, without its metadata."""
    photo = snapshot.library.photos[find_photo(snapshot, content_hash)]
    return _picture(services.pictures.large(photo, snapshot.library.root))


def _picture(content: bytes | None) -> Response:
    if content is None:
        raise HTTPException(404, "the photo's file is gone or has changed since the fit")
    return Response(content, media_type="image/webp", headers=_FOR_EVER)
