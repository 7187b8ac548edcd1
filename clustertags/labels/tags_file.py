"""Reading a file of seed tags, CSV or JSON lines, into rows; every error is one sentence with line and remedy."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustertags.labels.foreign_columns import (
    FILE_NAME,
    IMAGE_COLUMNS,
    LABEL_COLUMNS,
    SOURCE_FILE,
    cell_keywords,
    cell_texts,
    column_name,
    keyword_columns,
    label_texts,
)
from clustertags.labels.keyword_list import is_keyword_list
from clustertags.labels.normalisation import split_tags
from clustertags.photos.xmp_keywords import LEVEL
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.support.spreadsheet import read_cell
from clustertags.support.text_files import read_foreign_text, text_fault

MAX_FILE_BYTES = 256 * 2**20
JSON_LINES_SUFFIXES = frozenset({".jsonl", ".ndjson"})

_TAGS_COLUMN = "tags"
_COMPLETE_COLUMN = "complete"
_COMPLETE = {"yes": True, "no": False}
_DELIMITERS = ",;\t"  # spreadsheets write semicolons where the comma is the decimal sign


@dataclass(frozen=True, slots=True)
class TagRow:
    """One row: the image and its tags as the file spells them. `line` counts from 1; `complete`: whether the photo
    shows no other tag; `keywords`: where the tags are keywords, these with their parents, `animal|dog`.
    """

    line: int
    image: str
    tags: tuple[str, ...]
    complete: bool = True
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TagsFile:
    """The rows of a file, and notices of how it was read."""

    rows: tuple[TagRow, ...]
    notices: tuple[str, ...] = ()


def read_tags_file(path: Path) -> TagsFile:
    """Read all rows of a `.jsonl` or `.ndjson` file, or of a CSV whatever its name.

    Besides this program's columns, those of exiftool's CSV and of Hugging Face's `metadata.csv` and `.jsonl` are read;
    rows of theirs without a keyword or label say nothing. Raises `SeedsError` where the file cannot be read, is
    malformed, or has no rows.
    """
    form = 'a CSV or JSON lines file, or "folders" to use folder names as tags'
    text, guessed = read_foreign_text(path, called="the file of tags", form=form, max_bytes=MAX_FILE_BYTES)
    parse = _json_rows if path.suffix.lower() in JSON_LINES_SUFFIXES else _csv_rows
    read = tuple(parse(path, text))
    if not read:
        raise text_fault(path, "has no rows: give it one line for each photo with its tags")
    rows = tuple(row for row in read if row is not None)
    notices = [guessed] if guessed else []
    if n_empty := len(read) - len(rows):
        verb = "has" if n_empty == 1 else "have"
        notices.append(
            f"{plural(n_empty, 'row')} of {printable(path.name)} {verb} no keyword or label and say nothing."
        )
    if not rows:
        raise text_fault(path, "has no keyword or label in any row: tag some photos first")
    return TagsFile(rows, tuple(notices))


def _csv_rows(path: Path, text: str) -> Iterator[TagRow | None]:
    header_end = text.find("\n")
    header_line = text if header_end < 0 else text[:header_end]
    delimiter = max(_DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        columns = _columns(path, [column_name(name) for name in next(reader, [])], text)
        start = reader.line_num + 1
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[len(columns.header) :]):
                what = f"has {len(cells)} cells where the first line has {len(columns.header)}: separate tags by |"
                raise text_fault(path, what + ", and quote names that hold a comma", line)
            yield columns.row(path, line, [*cells, *[""] * (len(columns.header) - len(cells))])
    except csv.Error as error:
        what = f"is not valid CSV ({printable(str(error))}): check the quotes and the length of the line"
        raise text_fault(path, what, max(reader.line_num, 1)) from None


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a CSV by name. `tags`: those to read tags from, one unless they are exiftool's."""

    header: list[str]
    image: str
    tags: list[str] = field(default_factory=list)

    def row(self, path: Path, line: int, cells: list[str]) -> TagRow | None:
        """The row; None where it holds no keyword or label, which says nothing of the photo."""
        named = dict(zip(reversed(self.header), reversed(cells[: len(self.header)]), strict=True))  # the first counts
        complete = _complete(path, line, named.get(_COMPLETE_COLUMN, ""))
        texts = [named[column] for column in self.tags]
        keywords: tuple[str, ...] = ()
        if self.tags != [_TAGS_COLUMN] and not any(text.strip() for text in texts):
            return None
        if self.image == SOURCE_FILE and self.tags != [_TAGS_COLUMN]:
            found = (word for name, cell in zip(self.tags, texts, strict=True) for word in cell_keywords(name, cell))
            keywords = tuple(dict.fromkeys(found))
            if not keywords:
                return None
            texts = [part for keyword in keywords for part in keyword.split(LEVEL)]
        elif self.image == FILE_NAME:
            texts = cell_texts(texts[0])
        else:
            texts = [read_cell(text) for text in texts]
        tags = tuple(dict.fromkeys(part for text in texts for part in split_tags(text)))
        return TagRow(line, named[self.image], tags, complete, keywords)


def _columns(path: Path, header: list[str], text: str) -> _Columns:
    """The columns of the image and of the tags."""
    image = next((name for name in IMAGE_COLUMNS if name in header), None)
    labels = [name for name in LABEL_COLUMNS if name in header][:1] if image == FILE_NAME else []
    keywords = keyword_columns(header) if image == SOURCE_FILE else []
    tags = [_TAGS_COLUMN] if _TAGS_COLUMN in header else labels or keywords
    if image and tags:
        return _Columns(header, image, tags)
    if is_keyword_list(text):
        raise text_fault(
            path, "is a list of keywords, which names no photo: use it for their parents, --vocabulary FILE"
        )
    missing = (
        {FILE_NAME: "label", SOURCE_FILE: "Keywords"}.get(image or "", _TAGS_COLUMN) if image else IMAGE_COLUMNS[0]
    )
    found = printable(", ".join(header), 80) or "nothing"
    raise text_fault(path, f'has no column "{missing}" but {found}: its first line must read image,tags', 1)


def _json_rows(path: Path, text: str) -> Iterator[TagRow | None]:
    for line, content in enumerate(text.split("\n"), start=1):
        if content.strip():
            try:
                item = json.loads(content)
            except (ValueError, RecursionError):
                raise text_fault(path, 'is not valid JSON: write {"image": "a.jpg", "tags": ["cat"]}', line) from None
            yield _json_row(path, line, item)


def _json_row(path: Path, line: int, item: Any) -> TagRow | None:
    remedy = 'write {"image": "a.jpg", "tags": ["cat"]}'
    if not isinstance(item, dict):
        raise text_fault(path, f"is no JSON object: {remedy}", line)
    column = next((name for name in IMAGE_COLUMNS if name in item), None)
    image = item.get(column)
    if not isinstance(image, str):
        raise text_fault(path, f'has no "image" that is text: {remedy}', line)
    label = next((name for name in LABEL_COLUMNS if name in item and column == FILE_NAME), None)
    if label and _TAGS_COLUMN not in item:
        tags = label_texts(item[label])
        if tags == []:
            return None
    else:
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
