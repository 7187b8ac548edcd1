"""Reading a file of candidate tags: UTF-8 text, one tag a line."""

from __future__ import annotations

from pathlib import Path

from clustertags.errors import CandidatesError, ClusterTagsError
from clustertags.labels.normalisation import MAX_TAG_CHARACTERS, normalise_tag, shown_spelling
from clustertags.support.printable import printable
from clustertags.support.text_files import read_text_file, text_fault

MAX_FILE_BYTES = 2**20
MAX_CANDIDATES = 5000


def read_candidates(path: Path) -> tuple[str, ...]:
    """The tags in the file's order, each in its first spelling; empty lines and repetitions are skipped.

    Raises `CandidatesError` where it cannot be read, is too large, contains a line that is no tag, or contains no tag.
    """
    text = read_text_file(
        path,
        called="the file of candidate tags",
        form="a text file with one tag a line",
        max_bytes=MAX_FILE_BYTES,
        error=CandidatesError,
    )
    found: dict[str, str] = {}
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip():
            continue
        tag = normalise_tag(content)
        if not tag and len(content) > MAX_TAG_CHARACTERS:
            raise _fault(path, f"has more than {MAX_TAG_CHARACTERS} characters: write one tag a line", line)
        if not tag:
            raise _fault(path, f"{printable(content, 40)!r} holds no tag: write one tag a line", line)
        found.setdefault(tag, shown_spelling(content))
        if len(found) > MAX_CANDIDATES:
            raise _fault(path, f"holds more than {MAX_CANDIDATES:,} tags: split it")
    if not found:
        raise _fault(path, "holds no tag: write one tag a line")
    return tuple(found.values())


def _fault(path: Path, what: str, line: int | None = None) -> ClusterTagsError:
    return text_fault(path, what, line, CandidatesError)
