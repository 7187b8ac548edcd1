"""The commands that a person may want after a fit, as they can be copied."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from clustertags.cli.parameters import DEFAULT_ARTIFACTS
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.library.model import FittedLibrary

_LONGEST = 8192  # a command is not shortened as other text is: it could not be copied


def next_steps(library: FittedLibrary, photos: Path, artifacts: Path) -> tuple[str, str, str]:
    """`tag`, `gallery` and `serve` for the folder `photos` as the person named it, fitted into `artifacts`."""
    where = () if artifacts == DEFAULT_ARTIFACTS else ("--artifacts", _as_argument(artifacts))
    among_photos = artifacts.resolve().is_relative_to(library.root.resolve())
    # No pages are written among the photos unasked.
    output = ("--output", _as_argument(_beside(photos))) if among_photos else ()
    return (
        _command("tag", _example(library, photos), *where),
        _command("gallery", *where, *output),
        _command("serve", *where),
    )


def _command(*words: str) -> str:
    return printable(shlex.join(("clustertags", *words)), _LONGEST)


def _as_argument(path: Path) -> str:
    """The path as no option can be taken for it."""
    return os.path.join(os.curdir, path) if str(path).startswith("-") else str(path)  # noqa: PTH118  (Path drops ./)


def _example(library: FittedLibrary, photos: Path) -> str:
    """The first photo whose name can be printed, else the whole folder."""
    names = (photo.path for photo in library.photos if printable(photo.path, _LONGEST) == photo.path)
    return _as_argument(photos / next(names, ""))


def _beside(photos: Path) -> Path:
    folder = photos if photos.name not in {"", ".."} else photos.resolve()
    return folder.with_name(f"{folder.name}-gallery")
