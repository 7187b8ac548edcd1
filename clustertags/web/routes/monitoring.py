"""Routes for operating the server: health check and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Response

from clustertags.support.version import __version__
from clustertags.web.metrics import CONTENT_TYPE
from clustertags.web.schemas.errors import API, error_responses
from clustertags.web.schemas.monitoring import Health
from clustertags.web.services import ServicesDep

router = APIRouter(tags=["operation"])


@router.get("/health", responses=error_responses(403, 421))
async def health() -> Health:
    """Report that the server responds. It reveals nothing about the library, so it needs no token."""
    return Health(status="ok", version=__version__)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **error_responses(*API)},
)
async def metrics(services: ServicesDep) -> Response:
    """Numbers and durations of requests, and uploads in progress, for Prometheus."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE)
