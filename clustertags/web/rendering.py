"""The app's pages: the gallery's templates and macros below the app's own layout."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from clustertags.gallery.context import LibrarySummary

NO_LIBRARY = LibrarySummary("clustertags", 0, 0, 0, 0, "", 0, 0)
"""For pages that must not tell anything of the library."""


@cache
def environment() -> Environment:
    """Every template escapes, an unknown name is an error."""
    return Environment(
        loader=ChoiceLoader([PackageLoader("clustertags.web"), PackageLoader("clustertags.gallery")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, library: LibrarySummary, status: int = 200, **context: Any) -> HTMLResponse:
    """`base` is what stands before each address; the app is always at the root of its host."""
    values = {"base": "/", "library": library, **context}
    return HTMLResponse(environment().get_template(template).render(values), status)
