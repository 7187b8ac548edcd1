"""Read untrusted label files: sizes are limited, and photo paths stay inside the folder."""

from __future__ import annotations

from pathlib import Path

from clustertags.support.printable import printable
from clustertags.support.text_files import read_text_file, text_fault

MAX_TEXT_BYTES = 256 * 2**20
MAX_LINE_CHARACTERS = 100_000


def read_labels_text(path: Path, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """The text of a file of labels. Raises `SeedsError` where it is missing, too large or no text."""
    return read_text_file(path, called="the file of labels", form="the file of labels itself", max_bytes=max_bytes)


def read_lines(path: Path) -> list[str]:
    """Its lines without line ends; an empty last line is dropped. Raises `SeedsError`."""
    lines = [line.rstrip("\r") for line in read_labels_text(path).split("\n")]
    if lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_CHARACTERS:
            raise text_fault(path, f"has more than {MAX_LINE_CHARACTERS:,} characters: the file is damaged", number)
    if not lines:
        raise text_fault(path, "is empty: name the right file")
    return lines


def relative_photo_path(path: Path, name: str, line: int | None = None) -> str:
    """The relative path of a photo with `/` as separator. Raises `SeedsError` where it is outside of the folder."""
    relative = name.replace("\\", "/")
    parts = relative.split("/")
    if not relative or relative.startswith("/") or ":" in parts[0] or any(part in {"", ".", ".."} for part in parts):
        raise text_fault(path, f"{printable(name, 80) or 'an empty name'} does not name a file below the photos", line)
    return relative
