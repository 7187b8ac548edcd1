"""Runs the app on a socket until it is interrupted."""

from __future__ import annotations

import errno
import gc
import logging
import socket
from collections.abc import Callable

import uvicorn

from clustertags.errors import UsageError
from clustertags.support.printable import printable
from clustertags.web.app import create_app
from clustertags.web.connections import protocol_options
from clustertags.web.settings import WebSettings

_GRACE_SECONDS = 3


def serve(settings: WebSettings, announce: Callable[[str], None]) -> None:
    """Serve until an interrupt; `announce` is called with the URL when the server is ready to start.

    Raises `ArtifactsError` where no usable model is fitted, `UsageError` where the port is taken.
    """
    with listening_socket(settings.host, settings.port) as listener:
        app = create_app(settings)
        # The library is hundreds of thousands of long-lived objects. `freeze` exempts them from garbage collection,
        # which would delay all requests each time, by 0.1 s for a library of 100,000 photos.
        gc.collect()
        gc.freeze()
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            **protocol_options(settings.limits.header_seconds, settings.limits.connections),
        )
        announce(address_of(settings, listener.getsockname()[1]))
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn has stopped cleanly and raises the interrupt again
            return


def listening_socket(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `UsageError` where the address cannot be used."""
    name = host.strip("[]")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    try:
        return socket.create_server((name, port), family=family, backlog=256)
    except OSError as error:
        place = printable(f"{host}:{port}")
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"{place} is in use by another program: name another --port, or 0 for any") from error
        if error.errno == errno.EACCES:
            raise UsageError(f"{place} may not be listened on: name a --port above 1023") from error
        raise UsageError(f"{place} cannot be listened on: {error.strerror or error}") from error


def address_of(settings: WebSettings, port: int) -> str:
    """The URL to open in a browser; with a token, one that logs in."""
    host = settings.host.strip("[]")
    everywhere = host in {"0.0.0.0", "::"}  # noqa: S104
    shown = socket.gethostname() if everywhere else f"[{host}]" if ":" in host else host
    path = f"login?token={settings.token}" if settings.token else ""
    return f"http://{shown}:{port}/{path}"
