"""Files given a second name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def link(source: Path, target: Path) -> bool:
    """Give `source` a second name; false where the file system has no hard links, or it is another one."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def link_or_copy(source: Path, target: Path) -> None:
    """Give `source` a second name, or copy it where the file system has no hard links. Raises `OSError`."""
    if not link(source, target):
        shutil.copyfile(source, target)
