"""Reading a file of candidate tags: one a line, UTF-8, whatever a person or a program put into it."""

from __future__ import annotations

import stat
from pathlib import Path

from clustertags.errors import CandidatesError
from clustertags.printable import printable
from clustertags.tagging.vocabulary import MAX_TAG_CHARACTERS, normalise_tag, shown_spelling

MAX_FILE_BYTES = 2**20
MAX_CANDIDATES = 5000


def read_candidates(path: Path) -> tuple[str, ...]:
    """The tags in the file's order, each as it is first spelt there; empty lines and repetitions are passed over.

    Raises `CandidatesError` where it cannot be read, is too large, holds a line that is no tag, or holds none.
    """
    lines = _decode(path, _read(path)).splitlines()
    found: dict[str, str] = {}
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        tag = normalise_tag(text)
        if not tag and len(text) > MAX_TAG_CHARACTERS:
            raise _fault(path, f"has more than {MAX_TAG_CHARACTERS} characters: write one tag a line", line)
        if not tag:
            raise _fault(path, f"{printable(text, 40)!r} holds no tag: write one tag a line", line)
        found.setdefault(tag, shown_spelling(text))
        if len(found) > MAX_CANDIDATES:
            raise _fault(path, f"holds more than {MAX_CANDIDATES:,} tags: split it")
    if not found:
        raise _fault(path, "holds no tag: write one tag a line")
    return tuple(found.values())


def _fault(path: Path, what: str, line: int | None = None) -> CandidatesError:
    where = "" if line is None else f", line {line}"
    return CandidatesError(f"{printable(path)}{where}: {what}")


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _fault(path, "is not a regular file: name a text file with one tag a line")
        if status.st_size > MAX_FILE_BYTES:
            raise _fault(path, f"is larger than {MAX_FILE_BYTES // 2**20} MiB: split it, or name the right file")
        return path.read_bytes()
    except FileNotFoundError:
        raise _fault(path, "is not there: check the name of the file of candidate tags") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name is not valid"
        raise _fault(path, f"cannot be read ({reason}): check its name and permissions") from error


def _decode(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _fault(path, "is not UTF-8: save it as UTF-8", line) from None
    if "\0" in text:
        raise _fault(path, "holds a NUL byte: it is not a text file, or it is damaged")
    return text
