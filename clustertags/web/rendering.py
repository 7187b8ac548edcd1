"""The app's pages: the gallery's templates and macros below the app's own layout."""

from __future__ import annotations

from typing import Any

from fastapi.responses import HTMLResponse

from clustertags.pages.context import LibrarySummary
from clustertags.support.templating import environment
from clustertags.web.tiles import Part

NO_LIBRARY = LibrarySummary("clustertags", 0, 0, 0, 0, "", 0, 0)
"""For pages that must not tell anything of the library."""

_ROOMS = ("clustertags.web", "clustertags.pages", "clustertags.evaluation")


def page(template: str, library: LibrarySummary, status: int = 200, **context: Any) -> HTMLResponse:
    """`base` is what stands before each address; the app is always at the root of its host."""
    values = {"base": "/", "library": library, "layout": "layout.html", **context}
    return HTMLResponse(environment(*_ROOMS).get_template(template).render(values), status)


def part(template: str, shown: Part, **context: Any) -> HTMLResponse:
    """A part of a list as a page's script puts it at its end; where the list goes on is in the header."""
    html = environment(*_ROOMS).get_template(template).render({"base": "/", "part": shown, **context})
    return HTMLResponse(html, headers={"x-next": shown.next, "x-total": str(shown.total)})
