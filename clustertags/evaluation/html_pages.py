"""Rendering of reports as single HTML files, with a strict content security policy."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from clustertags.errors import StorageError
from clustertags.evaluation import plots
from clustertags.library.storage import write_output
from clustertags.support.printable import printable
from clustertags.support.templating import environment

PACKAGE = "clustertags.evaluation"
"""The package with the templates and the style of all reports."""


def render_page(template: str, page: object, package: str = PACKAGE) -> str:
    """The page as HTML with its style inlined; templates of `package` take precedence over those of reports."""
    style = (files(PACKAGE) / "static" / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # The style is this package's own file; everything else on a page is escaped.
    context = {"page": page, "plots": plots, "style": Markup(style), "style_hash": digest}  # noqa: S704
    return environment(package, PACKAGE).get_template(template).render(context)


def write_page(html: str, path: Path) -> None:
    """Write the page, see `storage.write_output`. Raises `StorageError`."""
    try:
        write_output(path, html.encode("utf-8", errors="replace"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"cannot write {printable(path)}: {reason}; make room or name another file") from error
