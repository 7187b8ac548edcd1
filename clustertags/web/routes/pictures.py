"""Pictures of the library's photos, by content hash alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response

from clustertags.web.routes.operation import Responses, no_such
from clustertags.web.services import ContentHash, ServicesOf, ViewOf, find_photo

router = APIRouter(tags=["pictures"])
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
_WEBP: Responses = {200: {"content": {"image/webp": {}}}, **no_such("photo")}


@router.get("/thumbs/{start}/{content_hash}.webp", response_class=Response, responses=_WEBP)
def thumbnail(
    start: Annotated[str, Path(pattern=r"^[0-9a-f]{2}$")], content_hash: ContentHash, services: ServicesOf, view: ViewOf
) -> Response:
    """The photo at most 256 pixels wide and high."""
    photo = view.library.photos[find_photo(view, content_hash)]
    return _picture(services.pictures.thumbnail(photo, view.library.root))


@router.get("/pictures/{content_hash}.webp", response_class=Response, responses=_WEBP)
def large(content_hash: ContentHash, services: ServicesOf, view: ViewOf) -> Response:
    """The photo at most 1600 pixels wide and high, without its metadata."""
    photo = view.library.photos[find_photo(view, content_hash)]
    return _picture(services.pictures.large(photo, view.library.root))


def _picture(content: bytes | None) -> Response:
    if content is None:
        raise HTTPException(404, "the photo's file is gone or has changed since the fit")
    return Response(content, media_type="image/webp", headers=_FOR_EVER)
