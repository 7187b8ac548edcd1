"""The application factory: routes, middleware and error handlers. Nothing is global: several apps fit in a process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from clustertags.errors import ClusterTagsError, LockedError, UsageError
from clustertags.photos.decoding import quiet_decoding
from clustertags.support.version import __version__
from clustertags.web.metrics import MetricsMiddleware
from clustertags.web.middleware import SECURITY_HEADERS, SecurityMiddleware
from clustertags.web.rendering import page
from clustertags.web.routes import ROUTERS, UPLOAD_PATHS
from clustertags.web.schemas.errors import error_json
from clustertags.web.services import Services
from clustertags.web.settings import WebSettings

_HEADINGS = {404: "There is nothing here", 422: "There is nothing here"}


def create_app(settings: WebSettings) -> FastAPI:
    """An app for the library in `settings.artifacts`. Raises `ArtifactsError` where no usable model is fitted."""
    services = Services.start(settings)
    app = FastAPI(
        title="clustertags",
        version=__version__,
        description="Tags for photos, predicted from a few that were tagged; clusters to browse and correct.",
        docs_url=None,  # both would load scripts from other hosts
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.services = services
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(SecurityMiddleware, services.access, settings.limits, UPLOAD_PATHS)
    app.add_middleware(MetricsMiddleware, services.metrics)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(ClusterTagsError, _package_error)
    app.add_exception_handler(Exception, _unexpected_error)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.services.learner.start()
    with quiet_decoding():
        yield
    app.state.services.stop()


async def _package_error(request: Request, error: Exception) -> Response:
    """Errors of this package: their message is one sentence for the user."""
    status = 400 if isinstance(error, UsageError) else 409 if isinstance(error, LockedError) else 500
    return _error_response(request, status, request.app.state.services.library_state.describe(error))


async def _http_error(request: Request, error: Exception) -> Response:
    """Errors that a route raises, and unknown paths."""
    if not isinstance(error, HTTPException):  # Starlette passes nothing else, but its types do not say so
        raise error
    return _error_response(request, error.status_code, str(error.detail), error.headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if _wants_page(request):
        return _error_response(request, 422, "This address is not valid.")
    # The invalid input is not sent back: it may be large, or not representable in JSON.
    found = [{"type": item["type"], "loc": item["loc"], "msg": item["msg"]} for item in error.errors()]
    return error_json(422, jsonable_encoder(found))


async def _unexpected_error(request: Request, error: Exception) -> Response:
    """A fault of the program; its details are not sent. This runs outside of all middleware, so it adds the headers."""
    return error_json(500, "something went wrong; the server's log says what", SECURITY_HEADERS)


def _error_response(request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An HTML page where the client is a browser on a page, else JSON."""
    if _wants_page(request):
        heading = _HEADINGS.get(status, "This did not work")
        summary = request.app.state.services.library_state.snapshot().summary
        response: Response = page(
            "error.html", summary, status, heading=heading, detail=f"{detail[:1].upper()}{detail[1:]}."
        )
        response.headers.update(headers or {})
        return response
    return error_json(status, detail, headers)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    is_page = not path.startswith(("/api/", "/parts/", "/static/", "/thumbs/", "/pictures/"))
    return is_page and "text/html" in request.headers.get("accept", "")
