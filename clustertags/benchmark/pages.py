"""What every page of this room shares: templates that escape, one style, and a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from clustertags.benchmark import plots
from clustertags.errors import StorageError
from clustertags.library.storage import write_atomically
from clustertags.printable import printable
from clustertags.templating import environment


def render_page(template: str, page: object) -> str:
    """The template's page as HTML, its style inside."""
    style = (files("clustertags.benchmark") / "static" / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # The style is this package's own file; everything else on a page is escaped.
    shown = {"page": page, "plots": plots, "style": Markup(style), "style_hash": digest}  # noqa: S704
    return environment("clustertags.benchmark").get_template(template).render(shown)


def write_page(html: str, path: Path) -> None:
    """Write the page; what was there before stays whole until it is done. Raises `StorageError`."""
    try:
        write_atomically(path, html.encode("utf-8", errors="replace"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"cannot write {printable(path)}: {reason}; make room or name another file") from error
