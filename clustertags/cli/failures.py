"""What to say of errors that no part of the program foresaw, but whose cause lies outside it."""

from __future__ import annotations

import errno
from pathlib import Path

from clustertags.support.files import NO_ROOM
from clustertags.support.printable import printable

NO_MEMORY = "there is not enough memory: close other programs, or fit fewer photos at once"
# What OpenVINO, torch, numba, NumPy, SQLite and the loader of shared libraries say, none of it in an `OSError`.
_MEMORY_WORDS = (
    "bad_alloc", "bad allocation", "cannot allocate memory", "can't allocate memory", "failed to allocate",
    "unable to allocate", "out of memory", "not enough memory", "insufficient memory", "failed to map segment",
    "can't start new thread",
)  # fmt: skip
_ROOM_WORDS = ("no space left", "file too large", "disk is full", "disk quota exceeded", "disk i/o error")


def describe(error: BaseException) -> str | None:
    """One sentence for an error of the system or of a library that met its limits; None for a fault of the program."""
    if _says(error, _MEMORY_WORDS):
        return NO_MEMORY
    if not isinstance(error, OSError) and _says(error, _ROOM_WORDS):
        return "no room left for what is written: make room, or name another place"
    match error:
        case OSError(errno=errno.ENAMETOOLONG):
            longest = max(Path(str(error.filename)).parts, key=len, default="")
            return f"{printable(longest, 60)}: the name has more bytes than this system allows, mostly 255: shorten it"
        case OSError() if error.errno in NO_ROOM:
            where = f" for {printable(error.filename)}" if isinstance(error.filename, str) else ""
            return f"no room left{where}: make room, or name another place"
        case OSError() if isinstance(error.filename, str) and error.strerror:
            reason = error.strerror[:1].lower() + error.strerror[1:]
            return f"{printable(error.filename)} cannot be used ({reason}): see to its name and its permissions"
    return None


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    """Whether the error, or one that led to it, has one of the words in its text."""
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return False
        text = str(link).casefold()
        if isinstance(link, MemoryError) and words is _MEMORY_WORDS:
            return True
        if any(word in text for word in words):
            return True
        link = link.__cause__ or link.__context__
    return False
