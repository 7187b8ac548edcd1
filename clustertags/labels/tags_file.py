"""Reading a file of seed tags, CSV or JSON lines, into rows; every error is one sentence with line and remedy."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clustertags.labels.normalisation import split_tags
from clustertags.support.printable import printable
from clustertags.support.text_files import read_text_file, text_fault

MAX_FILE_BYTES = 256 * 2**20
JSON_LINES_SUFFIXES = frozenset({".jsonl", ".ndjson"})

_IMAGE_COLUMNS = ("image", "path")
_TAGS_COLUMN = "tags"
_COMPLETE_COLUMN = "complete"
_COMPLETE = {"yes": True, "no": False}
_DELIMITERS = ",;\t"  # spreadsheets write semicolons where the comma is the decimal sign


@dataclass(frozen=True, slots=True)
class TagRow:
    """One row: the image and its tags as the file spells them. `line` counts from 1; `complete`: whether the photo
    shows no other tag.
    """

    line: int
    image: str
    tags: tuple[str, ...]
    complete: bool = True


def read_tags_file(path: Path) -> tuple[TagRow, ...]:
    """Read all rows of a `.jsonl` or `.ndjson` file, or of a CSV whatever its name.

    Raises `SeedsError` where the file cannot be read, is malformed, or has no rows.
    """
    form = 'a CSV or JSON lines file, or "folders" to use folder names as tags'
    text = read_text_file(path, called="the file of tags", form=form, max_bytes=MAX_FILE_BYTES)
    parse = _json_rows if path.suffix.lower() in JSON_LINES_SUFFIXES else _csv_rows
    rows = tuple(parse(path, text))
    if not rows:
        raise text_fault(path, "has no rows: give it one line for each photo with its tags")
    return rows


def _csv_rows(path: Path, text: str) -> Iterator[TagRow]:
    header_end = text.find("\n")
    header_line = text if header_end < 0 else text[:header_end]
    delimiter = max(_DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        image, tags = _columns(path, header)
        start = reader.line_num + 1
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                what = f"has {len(cells)} cells where the first line has {len(header)}: separate tags by |"
                raise text_fault(path, what + ", and quote names that hold a comma", line)
            padded = [*cells, *[""] * (len(header) - len(cells))]
            said = padded[header.index(_COMPLETE_COLUMN)] if _COMPLETE_COLUMN in header else ""
            yield TagRow(line, padded[image], split_tags(padded[tags]), _complete(path, line, said))
    except csv.Error as error:
        what = f"is not valid CSV ({printable(str(error))}): check the quotes and the length of the line"
        raise text_fault(path, what, max(reader.line_num, 1)) from None


def _columns(path: Path, header: list[str]) -> tuple[int, int]:
    """The columns of the image and of the tags."""
    image = next((header.index(name) for name in _IMAGE_COLUMNS if name in header), None)
    if image is None or _TAGS_COLUMN not in header:
        missing = _IMAGE_COLUMNS[0] if image is None else _TAGS_COLUMN
        found = printable(", ".join(header), 80) or "nothing"
        raise text_fault(path, f'has no column "{missing}" but {found}: its first line must read image,tags', 1)
    return image, header.index(_TAGS_COLUMN)


def _json_rows(path: Path, text: str) -> Iterator[TagRow]:
    for line, content in enumerate(text.split("\n"), start=1):
        if content.strip():
            try:
                item = json.loads(content)
            except (ValueError, RecursionError):
                raise text_fault(path, 'is not valid JSON: write {"image": "a.jpg", "tags": ["cat"]}', line) from None
            yield _json_row(path, line, item)


def _json_row(path: Path, line: int, item: Any) -> TagRow:
    remedy = 'write {"image": "a.jpg", "tags": ["cat"]}'
    if not isinstance(item, dict):
        raise text_fault(path, f"is no JSON object: {remedy}", line)
    image = next((item[name] for name in _IMAGE_COLUMNS if name in item), None)
    if not isinstance(image, str):
        raise text_fault(path, f'has no "image" that is text: {remedy}', line)
    tags = item.get(_TAGS_COLUMN)
    if isinstance(tags, str):
        tags = [tags]
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise text_fault(path, f'has no "tags" that are a list of texts: {remedy}', line)
    complete = _complete(path, line, item.get(_COMPLETE_COLUMN))
    return TagRow(line, image, tuple(part for tag in tags for part in split_tags(tag)), complete)


def _complete(path: Path, line: int, said: object) -> bool:
    """What a row says of its tags' being all; yes where it says nothing."""
    if said is None or said == "" or isinstance(said, bool):
        return said is not False
    word = said.strip().casefold() if isinstance(said, str) else ""
    if isinstance(said, str) and not word:
        return True
    if word not in _COMPLETE:
        found = printable(said if isinstance(said, str) else json.dumps(said), 40)
        remedy = "write yes where the tags are all that the photo shows, no where it may show others"
        raise text_fault(path, f'has {found} as "{_COMPLETE_COLUMN}": {remedy}', line)
    return _COMPLETE[word]
