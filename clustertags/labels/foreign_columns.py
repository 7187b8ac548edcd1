"""Columns of photos and tags in the lists of other programs: exiftool's CSV, Hugging Face's metadata files."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable

from clustertags.photos.xmp_keywords import LEVEL

IMAGE_COLUMNS = ("image", "path", "file_name", "sourcefile")
FILE_NAME, SOURCE_FILE = IMAGE_COLUMNS[2:]
LABEL_COLUMNS = ("label", "labels")
"""Hugging Face's, beside `file_name`."""
_NOTHING = "-"
"""What `exiftool -f` writes where there is no keyword."""
_KEYWORD_COLUMNS = {  # exiftool's, beside `SourceFile`, with what stands between a keyword and its parents
    "keywords": "",
    "subject": "",
    "xpkeywords": "",
    "hierarchicalsubject": "|",
    "tagslist": "/",
    "lastkeywordxmp": "/",
}


def column_name(text: str) -> str:
    """The name of a column, folded, without the group that exiftool may write before it: `XMP-dc:Subject`."""
    return text.strip().casefold().rpartition(":")[2]


def keyword_columns(header: Iterable[str]) -> list[str]:
    """The columns of keywords that a header of exiftool's has."""
    return [name for name in _KEYWORD_COLUMNS if name in header]


def cell_keywords(column: str, cell: str) -> list[str]:
    """The keywords in a cell of exiftool's, separated by `, `, in Windows' field by `;`; with parents as paths."""
    texts = cell.split(";") if column == "xpkeywords" else cell.split(", ")
    between = _KEYWORD_COLUMNS[column]
    if not between:
        texts = [part for text in texts for part in text.split(LEVEL)]
    paths = [text.replace(between, LEVEL) if between else text for text in texts]
    return [path.strip() for path in paths if path.strip() not in ("", _NOTHING)]


def cell_texts(cell: str) -> list[str]:
    """The texts of a cell: those of a list as JSON or Python writes it, else the cell itself."""
    if cell.strip().startswith("["):
        for parse in (json.loads, ast.literal_eval):
            try:
                found = label_texts(parse(cell.strip()))
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
            if found is not None:
                return found
    return [cell]


def label_texts(value: object) -> list[str] | None:
    """The texts of a label or a list of them, numbers as text; none for null; None where it is something else."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, (str, int)) and not isinstance(item, bool) for item in values):
        return None
    return [str(item) for item in values]
