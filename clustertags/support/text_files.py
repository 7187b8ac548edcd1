"""Read a text file given by the user: limited in size, checked, every error one sentence."""

from __future__ import annotations

import stat
from pathlib import Path

from clustertags.errors import ClusterTagsError, SeedsError
from clustertags.support.printable import printable


def text_fault(
    path: Path, what: str, line: int | None = None, error: type[ClusterTagsError] = SeedsError
) -> ClusterTagsError:
    """An error with the file, the line, and `what` is wrong."""
    where = "" if line is None else f", line {line}"
    return error(f"{printable(path)}{where}: {what}")


def read_text_file(
    path: Path, *, called: str, form: str, max_bytes: int, error: type[ClusterTagsError] = SeedsError
) -> str:
    """The text of a regular UTF-8 file, without a byte order mark. Raises `error`.

    `called` and `form` are used in messages: "the file of tags", "a CSV or JSON lines file".
    """
    data = _read(path, called, form, max_bytes, error)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:4096].count(0) > len(data[:4096]) // 4:
        raise text_fault(path, "is not UTF-8 but UTF-16, or no text at all: save it as UTF-8", error=error)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as undecodable:
        line = data.count(b"\n", 0, undecodable.start) + 1
        raise text_fault(path, "is not UTF-8 (Latin-1, perhaps): save it as UTF-8", line, error) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise text_fault(path, "holds a NUL byte: the file is damaged, save it anew", line, error)
    return text


def _read(path: Path, called: str, form: str, max_bytes: int, error: type[ClusterTagsError]) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "is a folder, not a regular file" if stat.S_ISDIR(status.st_mode) else "is not a regular file"
            raise text_fault(path, f"{what}: name {form}", error=error)
        if status.st_size > max_bytes:
            what = f"is larger than {max_bytes // 2**20} MiB: split it, or name {called}"
            raise text_fault(path, what, error=error)
        return path.read_bytes()
    except FileNotFoundError:
        raise text_fault(path, f"is not there: check the name of {called}", error=error) from None
    except (OSError, ValueError) as failed:
        reason = (failed.strerror if isinstance(failed, OSError) else None) or "its name is not valid"
        raise text_fault(path, f"cannot be read ({reason}): check its name and permissions", error=error) from failed
