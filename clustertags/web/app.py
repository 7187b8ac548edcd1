"""The app: its routes inside its layers, with nothing global, so that several can live in one process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from clustertags.errors import ClusterTagsError, LockedError, UsageError
from clustertags.photos.decoding import quiet_decoding
from clustertags.version import __version__
from clustertags.web.guard import SECURITY_HEADERS, Guard
from clustertags.web.metrics import Measured
from clustertags.web.routes import ROUTERS, UPLOAD_PATHS
from clustertags.web.services import Services
from clustertags.web.settings import WebSettings


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
    app.add_exception_handler(ClusterTagsError, _refused)
    app.add_exception_handler(Exception, _failed)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.services.learner.start()
    with quiet_decoding():
        yield
    app.state.services.stop()


async def _refused(request: Request, error: Exception) -> JSONResponse:
    """An error of this package is a sentence for the person."""
    status = 400 if isinstance(error, UsageError) else 409 if isinstance(error, LockedError) else 500
    return JSONResponse({"detail": str(error)}, status)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    """Anything else is a fault of the program, whose details stay here. This runs outside of all layers."""
    return JSONResponse({"detail": "something went wrong; the server's log says what"}, 500, SECURITY_HEADERS)
