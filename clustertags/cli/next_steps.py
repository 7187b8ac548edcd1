"""Commands to run after a fit, ready to copy."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from clustertags.cli.parameters import DEFAULT_ARTIFACTS
from clustertags.support.files import lies_within
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.library.model import FittedLibrary

_LONGEST = 8192  # long enough not to shorten a command, which could not be copied then


def next_steps(library: FittedLibrary, photos: Path, artifacts: Path) -> tuple[str, str, str]:
    """`tag`, `gallery` and `serve` for the folder `photos` as the user gave it, fitted into `artifacts`."""
    where = () if artifacts == DEFAULT_ARTIFACTS else ("--artifacts", _as_argument(artifacts))
    among_photos = lies_within(artifacts, library.root)
    # No pages are written among the photos unasked.
    output = ("--output", _as_argument(_sibling_folder(photos))) if among_photos else ()
    return (
        _command("tag", _example(library, photos), *where),
        _command("gallery", *where, *output),
        _command("serve", *where),
    )


def _command(*words: str) -> str:
    return printable(shlex.join(("clustertags", *words)), _LONGEST)


def _as_argument(path: Path) -> str:
    """The path in a form that is not taken for an option."""
    return os.path.join(os.curdir, path) if str(path).startswith("-") else str(path)  # noqa: PTH118  (Path drops ./)


def _example(library: FittedLibrary, photos: Path) -> str:
    """The first photo with a printable name, else the whole folder."""
    names = (photo.path for photo in library.photos if printable(photo.path, _LONGEST) == photo.path)
    return _as_argument(photos / next(names, ""))


def _sibling_folder(photos: Path) -> Path:
    folder = photos if photos.name not in {"", ".."} else Path(os.path.realpath(photos))
    return folder.with_name(f"{folder.name}-gallery")
