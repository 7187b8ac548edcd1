"""What clients are told of an error: the same sentence as on the command line, without the server's folders."""

from __future__ import annotations

import os
from pathlib import Path

from clustertags.support.printable import printable


def without_folders(text: str, *folders: Path) -> str:
    """The text with each folder's absolute path, and all paths below it, from the folder's own name on."""
    spellings = {(spelling, Path(spelling).name) for folder in folders for spelling in _spellings(folder)}
    for spelling, name in sorted(spellings, key=lambda pair: -len(pair[0])):
        text = text.replace(printable(spelling), printable(name))
    home = os.path.expanduser("~")  # noqa: PTH111  (Path.home raises where there is none)
    return text.replace(f"{home}/", "~/") if len(home) > 1 else text


def _spellings(folder: Path) -> set[str]:
    return {
        spelling
        for spelling in (str(folder), str(folder.absolute()), os.path.realpath(folder))
        if Path(spelling).is_absolute() and Path(spelling).name
    }
