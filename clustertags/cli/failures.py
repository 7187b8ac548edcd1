"""What to say of errors that no part of the program foresaw, but whose cause lies outside it."""

from __future__ import annotations

import errno
from pathlib import Path

from clustertags.support.printable import printable

NO_MEMORY = "there is not enough memory: close other programs, or fit fewer photos at once"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def describe(error: BaseException) -> str | None:
    """One sentence for an error of the system; None for any other, which is a fault of the program."""
    match error:
        case MemoryError():
            return NO_MEMORY
        case OSError(errno=errno.ENOMEM):
            return NO_MEMORY
        case OSError(errno=errno.ENAMETOOLONG):
            longest = max(Path(str(error.filename)).parts, key=len, default="")
            return f"{printable(longest, 60)}: the name has more bytes than this system allows, mostly 255: shorten it"
        case OSError() if error.errno in _NO_ROOM:
            where = f" for {printable(error.filename)}" if isinstance(error.filename, str) else ""
            return f"no room left{where}: make room, or name another place"
        case OSError() if isinstance(error.filename, str) and error.strerror:
            reason = error.strerror[:1].lower() + error.strerror[1:]
            return f"{printable(error.filename)} cannot be used ({reason}): see to its name and its permissions"
    return None
