"""Read a text file given by the user: limited in size, checked, every error one sentence."""

from __future__ import annotations

import stat
from pathlib import Path

from clustertags.errors import ClusterTagsError, SeedsError
from clustertags.support.printable import printable

_NOT_CP1252 = b"\x81\x8d\x8f\x90\x9d"


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
    return _without_nul(path, text, error)


def read_foreign_text(
    path: Path, *, called: str, form: str, max_bytes: int, error: type[ClusterTagsError] = SeedsError
) -> tuple[str, str]:
    """The text of a regular file in the encoding that another program chose, and a notice where that is a guess.

    UTF-8, UTF-16 (Excel's "Unicode text") with or without a byte order mark, else Windows-1252, which extends Latin-1.
    Raises `error`, as `read_text_file` does.
    """
    data = _read(path, called, form, max_bytes, error)
    encoding = _wide_encoding(data)
    try:
        text = data.decode(encoding or "utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError as undecodable:
        line = data.count(b"\n", 0, undecodable.start) + 1
        if encoding:
            raise text_fault(path, "is damaged UTF-16: save it anew, as UTF-8", error=error) from None
        if not data.decode("utf-8", "ignore").isascii():
            raise text_fault(path, "is not UTF-8 throughout: save it as UTF-8", line, error) from None
        text = data.decode("latin-1" if any(byte in data for byte in _NOT_CP1252) else "cp1252")
        notice = f"{printable(path.name)} is not UTF-8 and was read as Latin-1 (Windows-1252)"
        return _without_nul(path, text, error), f"{notice}: if letters with accents look wrong, save it as UTF-8."
    return _without_nul(path, text, error), ""


def _wide_encoding(data: bytes) -> str:
    """UTF-16 where the text is that, else ""."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Without a mark: in most languages' UTF-16 every other byte of the header, which is ASCII, is 0.
    header = data[: min(len(data), 64) & ~1]
    for encoding, zeros, others in (("utf-16-le", header[1::2], header[::2]), ("utf-16-be", header[::2], header[1::2])):
        if header and not any(zeros[:4]) and all(others[:4]) and zeros.count(0) > 0.8 * len(zeros):
            return encoding
    return ""


def _without_nul(path: Path, text: str, error: type[ClusterTagsError]) -> str:
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
