"""The app served in a thread, for clients with real sockets, and its pages in a browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from clustertags.web.app import create_app
from clustertags.web.connections import protocol_options
from clustertags.web.server import listening_socket
from clustertags.web.settings import Limits, WebSettings
from tests.chromium import watched

PATIENT = Limits()
VIEWS = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1024, "height": 768}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
}
PATHS = {
    "wall": "/",
    "unclustered": "/unclustered",
    "hidden": "/hidden",
    "skipped": "/skipped-1.html",
    "try": "/try",
    "map": "/map",
    "search": "/search?by=tag&q=kind1",
    "nothing-found": "/search?by=name&q=zebra",
    "duplicates": "/duplicates",
    "label": "/label",
    "report": "/report",
    "export": "/export",
    "nowhere": "/nowhere",
}


@contextmanager
def serving(artifacts: Path, limits: Limits = PATIENT) -> Iterator[str]:
    """A server in a thread; its address."""
    with listening_socket("127.0.0.1", 0) as listener:
        port: int = listener.getsockname()[1]
        app = create_app(WebSettings(artifacts, port=port, limits=limits))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, **protocol_options(limits.header_seconds, 512)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
        assert not thread.is_alive()


def opened(
    browser: Any, address: str, view: str = "light", *, allowed: tuple[str, ...] = ()
) -> AbstractContextManager[Any]:
    """A page of the server, which asks nobody else."""
    return watched(browser, (address, "blob:"), allowed, base_url=address, **VIEWS[view])


def said(page: Any, words: str) -> None:
    """Wait until the page says so."""
    page.wait_for_function("words => document.getElementById('said').textContent.includes(words)", arg=words)


def settled(page: Any) -> None:
    """The map has been drawn, suggestions have come, the report has been made."""
    if page.locator("#map-canvas").count():
        page.wait_for_selector("#map-canvas[data-drawn]")
    if page.locator("#label").count():
        page.wait_for_selector("#label-card:not([hidden])")
    if page.locator("#report").count():
        page.wait_for_selector("#report[data-phase='ready']", timeout=60_000)
