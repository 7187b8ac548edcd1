"""Hard links and copies of files, and where paths lie."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where nothing more can be written: a full disk, a quota, a limit on the size of files."""


def lies_within(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder or is it, links followed. A loop of links lies nowhere else than it says."""
    real, within = os.path.realpath(path), os.path.realpath(folder)
    return Path(real).is_relative_to(within)


def size_of_file(path: Path) -> int | None:
    """The size in bytes of a regular file, links not followed; None where there is none."""
    try:
        status = path.lstat()
    except (OSError, ValueError):  # a NUL in the name
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def link(source: Path, target: Path) -> bool:
    """Hard-link `source` to `target`; False if the file system has no hard links, or is another one."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def link_or_copy(source: Path, target: Path) -> None:
    """Hard-link `source` to `target`, or copy it where that fails. Raises `OSError`."""
    if not link(source, target):
        shutil.copyfile(source, target)
