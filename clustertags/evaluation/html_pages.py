"""What every report shares: templates that escape, one style, and a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from clustertags.errors import StorageError
from clustertags.evaluation import plots
from clustertags.library.storage import write_atomically
from clustertags.support.printable import printable
from clustertags.support.templating import environment

ROOM = "clustertags.evaluation"
"""Where the templates and the style of every report are."""


def render_page(template: str, page: object, room: str = ROOM) -> str:
    """The page as HTML, its style inside; `room` is the package whose templates come before those of reports."""
    style = (files(ROOM) / "static" / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # The style is this package's own file; everything else on a page is escaped.
    shown = {"page": page, "plots": plots, "style": Markup(style), "style_hash": digest}  # noqa: S704
    return environment(room, ROOM).get_template(template).render(shown)


def write_page(html: str, path: Path) -> None:
    """Write the page; what was there before stays whole until it is done. Raises `StorageError`."""
    try:
        write_atomically(path, html.encode("utf-8", errors="replace"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"cannot write {printable(path)}: {reason}; make room or name another file") from error
