"""How the documents become a site: `sphinx-build -W --keep-going docs build/docs`.

Nothing is fetched, while building or looking: furo brings its own styles and uses the fonts of the reader's machine.
Markers such as `<!-- commands -->` in a page stand for what is generated from the program itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx

from clustertags.support.version import __version__

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from command_reference import command_reference
from floors import rooms_table
from python_reference import python_reference
from rest_reference import description, rest_reference

GENERATED = {
    "<!-- commands -->": command_reference,
    "<!-- python -->": python_reference,
    "<!-- rest -->": lambda: rest_reference(description()),
    "<!-- rooms -->": rooms_table,
    "<!-- rooms of benchmark -->": lambda: rooms_table("benchmark"),
}

project = "clustertags"
author = "The clustertags authors"
copyright = "2026, The clustertags authors"  # noqa: A001  (Sphinx's name for it)
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
default_role = "code"  # docstrings mark code with single backticks
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 80
napoleon_use_ivar = True

html_theme = "furo"
html_title = "clustertags"
html_copy_source = False
html_show_sourcelink = False


def fill_in(app: Sphinx, page: str, source: list[str]) -> None:
    """Put what is generated in the place of its marker."""
    for marker, generate in GENERATED.items():
        if marker in source[0]:
            source[0] = source[0].replace(marker, generate())


def setup(app: Sphinx) -> None:
    app.connect("source-read", fill_in)
