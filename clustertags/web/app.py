"""The app: its routes inside its layers, with nothing global, so that several can live in one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from clustertags.errors import ClusterTagsError, LockedError, UsageError
from clustertags.photos.decoding import quiet_decoding
from clustertags.support.version import __version__
from clustertags.web.guard import SECURITY_HEADERS, Guard
from clustertags.web.metrics import Measured
from clustertags.web.rendering import page
from clustertags.web.routes import ROUTERS, UPLOAD_PATHS
from clustertags.web.services import Services
from clustertags.web.settings import WebSettings

_HEADINGS = {404: "There is nothing here", 422: "There is nothing here"}


def create_app(settings: WebSettings) -> FastAPI:
    """An app over the library that `settings` name. Raises `ArtifactsError` where nothing usable is fitted."""
    services = Services.start(settings)
    app = FastAPI(
        title="clustertags",
        version=__version__,
        description="Tags for photos, from a few that you tagged; clusters of them to look at and put right.",
        docs_url=None,  # both load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.services = services
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Guard, services.access, settings.limits, UPLOAD_PATHS)
    app.add_middleware(Measured, services.metrics)
    app.add_exception_handler(HTTPException, _not_found)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(ClusterTagsError, _refused)
    app.add_exception_handler(Exception, _failed)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.services.learner.start()
    with quiet_decoding():
        yield
    app.state.services.stop()


async def _refused(request: Request, error: Exception) -> Response:
    """An error of this package is a sentence for the person."""
    status = 400 if isinstance(error, UsageError) else 409 if isinstance(error, LockedError) else 500
    return _told(request, status, str(error))


async def _not_found(request: Request, error: Exception) -> Response:
    """What a route refuses, and what no route answers."""
    if not isinstance(error, HTTPException):  # what Starlette's table of handlers promises and its types do not say
        raise error
    return _told(request, error.status_code, str(error.detail), error.headers)


async def _malformed(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if _wants_page(request):
        return _told(request, 422, "The address is not one of this app's.")
    # What was sent is not sent back: it may be large, or hold what JSON cannot.
    found = [{"type": item["type"], "loc": item["loc"], "msg": item["msg"]} for item in error.errors()]
    return JSONResponse({"detail": jsonable_encoder(found)}, 422)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    """Anything else is a fault of the program, whose details stay here. This runs outside of all layers."""
    return JSONResponse({"detail": "something went wrong; the server's log says what"}, 500, SECURITY_HEADERS)


def _told(request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A page for a person who looks at pages, else JSON."""
    if _wants_page(request):
        heading = _HEADINGS.get(status, "This did not work")
        summary = request.app.state.services.shelf.view().summary
        answer: Response = page(
            "error.html", summary, status, heading=heading, detail=f"{detail[:1].upper()}{detail[1:]}."
        )
        answer.headers.update(headers or {})
        return answer
    return JSONResponse({"detail": detail}, status, dict(headers or {}))


def _wants_page(request: Request) -> bool:
    path = request.url.path
    is_page = not path.startswith(("/api/", "/parts/", "/static/", "/thumbs/", "/pictures/"))
    return is_page and "text/html" in request.headers.get("accept", "")
