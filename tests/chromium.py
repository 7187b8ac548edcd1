"""Debian's Chromium for tests: pages on which nothing may go wrong unnoticed, and pictures of them.

Screenshots go to the folder that CLUSTERTAGS_TEST_OUTPUT names, else to the test's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def launched() -> Iterator[Any]:
    """The browser; skips the test where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@contextmanager
def watched(
    browser: Any, within: tuple[str, ...], allowed: tuple[str, ...] = (), opens: str = "", **options: Any
) -> Iterator[Any]:
    """A page on which any message, error, dialog or request to an address that begins otherwise fails the test.

    `within`: how addresses may begin; `allowed`: parts of messages that are no fault; `opens`: the page's first
    address; `options`: of the context.
    """
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith(within) else complaints.append(request.url))
    page.on("requestfailed", lambda request: complaints.extend(_failed(request)))
    try:
        if opens:
            page.goto(opens)
        yield page
    finally:
        context.close()
    assert [text for text in complaints if not any(part in text for part in allowed)] == []


def _failed(request: Any) -> list[str]:
    """A request that failed; one that leaving the page has cut off has not."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"failed: {request.url}: {request.failure}"]


def shoot(page: Any, tmp_path: Path, name: str) -> None:
    folder = Path(os.environ.get("CLUSTERTAGS_TEST_OUTPUT") or tmp_path / "screenshots")
    page.screenshot(path=folder / f"{name.replace('/', '-')}.png")


def hover_a_photo(page: Any) -> Any:
    """Move the pointer over the first point of the map; the card that it brings up."""
    page.wait_for_selector("#map-canvas[data-drawn]")
    at = page.evaluate(
        """() => {
          const data = globalThis.clustertagsMap, canvas = document.getElementById("map-canvas");
          const box = canvas.getBoundingClientRect();
          const wide = Math.max(...data.x) - Math.min(...data.x), high = Math.max(...data.y) - Math.min(...data.y);
          const scale = Math.min(box.width * 0.9 / wide, box.height * 0.9 / high);
          const middle = (values) => (Math.max(...values) + Math.min(...values)) / 2;
          return [box.left + box.width / 2 + (data.x[0] - middle(data.x)) * scale,
                  box.top + box.height / 2 + (data.y[0] - middle(data.y)) * scale];
        }"""
    )
    page.mouse.move(*at)
    card = page.locator("#map-card")
    card.wait_for(state="visible")
    return at
