"""Reading a file of labels that may be hostile: its size is limited, and every fault names the file and the line."""

from __future__ import annotations

import stat
from pathlib import Path

from clustertags.errors import SeedsError
from clustertags.printable import printable

MAX_TEXT_BYTES = 256 * 2**20
MAX_LINE_CHARACTERS = 100_000


def fault(path: Path, what: str, line: int | None = None) -> SeedsError:
    """The error for `what` is wrong with the file, in this line of it."""
    where = "" if line is None else f", line {line}"
    return SeedsError(f"{printable(path)}{where}: {what}")


def read_text(path: Path, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """The text of a regular UTF-8 file. Raises `SeedsError` where it is missing, too large or no text."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise fault(path, "is not a regular file: name the file of labels itself")
        if status.st_size > max_bytes:
            raise fault(path, f"is larger than {max_bytes // 2**20} MiB: name the right file, or split it")
        data = path.read_bytes()
    except FileNotFoundError:
        raise fault(path, "is not there: check its name") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name is not valid"
        raise fault(path, f"cannot be read ({reason}): check its name and permissions") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise fault(path, "is not UTF-8: save it as UTF-8", line) from None
    if "\0" in text:
        raise fault(path, "holds a NUL byte: the file is damaged", text.count("\n", 0, text.index("\0")) + 1)
    return text


def read_lines(path: Path) -> list[str]:
    """Its lines without their ends, the last one only where it holds anything. Raises `SeedsError`."""
    lines = [line.rstrip("\r") for line in read_text(path).split("\n")]
    if lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_CHARACTERS:
            raise fault(path, f"has more than {MAX_LINE_CHARACTERS:,} characters: the file is damaged", number)
    if not lines:
        raise fault(path, "is empty: name the right file")
    return lines


def contained(path: Path, name: str, line: int | None = None) -> str:
    """The name of a photo, relative and with `/` between its parts. Raises `SeedsError` where it leads elsewhere."""
    relative = name.replace("\\", "/")
    parts = relative.split("/")
    if not relative or relative.startswith("/") or ":" in parts[0] or any(part in {"", ".", ".."} for part in parts):
        raise fault(path, f"{printable(name, 80) or 'an empty name'} does not name a file below the photos", line)
    return relative
