"""For those who run the server: health, figures, logging in; and the pages' styles and scripts."""

from __future__ import annotations

from typing import Any, TypeAlias

from fastapi import APIRouter, HTTPException, Request, Response

from clustertags.support.version import __version__
from clustertags.web.metrics import CONTENT_TYPE
from clustertags.web.services import ServicesOf

Responses: TypeAlias = dict[int | str, dict[str, Any]]

router = APIRouter()


@router.get("/health", tags=["operation"])
async def health() -> dict[str, str]:
    """Whether the server answers; nothing of the library is in it, so it needs no token."""
    return {"status": "ok", "version": __version__}


@router.get("/metrics", tags=["operation"], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(services: ServicesOf) -> Response:
    """Requests, their times and uploads in progress, for Prometheus."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/static/{name}", include_in_schema=False)
async def static(name: str, request: Request, services: ServicesOf) -> Response:
    asset = services.assets.get(name)
    if asset is None:
        raise HTTPException(404, "there is no such file")
    headers = {"etag": asset.etag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, headers=headers | {"content-type": asset.media_type})


def no_such(what: str) -> Responses:
    """For a route's description."""
    return {404: {"description": f"There is no such {what}."}}
