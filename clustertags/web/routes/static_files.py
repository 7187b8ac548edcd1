"""The style sheets and scripts of the pages."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from clustertags.web.services import ServicesDep

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
async def static_file(name: str, request: Request, services: ServicesDep) -> Response:
    asset = services.assets.get(name)
    if asset is None:
        raise HTTPException(404, "there is no such file")
    headers = {"etag": asset.etag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, headers=headers | {"content-type": asset.media_type})
