"""Renders the app's pages from its own templates and the gallery's."""

from __future__ import annotations

from typing import Any

from fastapi.responses import HTMLResponse

from clustertags.pages.context import LibrarySummary
from clustertags.support.templating import environment
from clustertags.web.tiles import Part

NO_LIBRARY = LibrarySummary("clustertags", 0, 0, 0, 0, "", 0, 0)
"""For pages that must not reveal anything about the library."""

_ROOMS = ("clustertags.web", "clustertags.pages", "clustertags.evaluation")


def page(template: str, library: LibrarySummary, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page. `base`, the prefix of every URL, is `/`: the app is always at the root of its host."""
    values = {"base": "/", "library": library, "layout": "layout.html", **context}
    return HTMLResponse(environment(*_ROOMS).get_template(template).render(values), status)


def part(template: str, shown: Part, **context: Any) -> HTMLResponse:
    """Further items of a list, which the page's script appends. The URL of the items after them is in `x-next`."""
    html = environment(*_ROOMS).get_template(template).render({"base": "/", "part": shown, **context})
    return HTMLResponse(html, headers={"x-next": shown.next, "x-total": str(shown.total)})
