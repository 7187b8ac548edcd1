"""HARRISON's own lists (Park, Li and Kim 2016): `data_list.txt`, `tag_list.txt` and `vocab_index.txt`, line by line.

The photos are Instagram's and are not included. The lists name no split: the paper trains on
52,383 photos and tests on 5,000, apparently drawn at random, and does not list them. The folder that a
photo was crawled into is nearly always one of its tags, so methods never get paths.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clustertags.benchmark.datasets.label_files import read_lines, relative_photo_path
from clustertags.support.printable import printable
from clustertags.support.text_files import text_fault

DATA_LIST = "data_list.txt"
TAG_LIST = "tag_list.txt"
VOCABULARY = "vocab_index.txt"
N_TEST = 5_000
N_PHOTOS = 57_383


@dataclass(frozen=True, slots=True)
class HarrisonLists:
    """`paths` and `tags` in the order of the lists, and the `vocabulary` in the order of its index."""

    paths: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]
    vocabulary: tuple[str, ...]


def read_harrison(folder: Path) -> HarrisonLists:
    """Read the three lists of `folder`. Raises `SeedsError` with the file and the line of the first fault."""
    vocabulary = _read_vocabulary(folder / VOCABULARY)
    known = frozenset(vocabulary)
    paths = [
        relative_photo_path(folder / DATA_LIST, name.strip(), line)
        for line, name in enumerate(read_lines(folder / DATA_LIST), start=1)
    ]
    lines = read_lines(folder / TAG_LIST)
    if len(lines) != len(paths):
        what = f"has {len(lines):,} lines and {DATA_LIST} {len(paths):,}: both must have one a photo, in one order"
        raise text_fault(folder / TAG_LIST, what)
    tags = []
    for line, text in enumerate(lines, start=1):
        words = tuple(dict.fromkeys(text.split()))
        unknown = next((word for word in words if word not in known), None)
        if unknown is not None:
            raise text_fault(folder / TAG_LIST, f"{printable(unknown, 40)} is not in {VOCABULARY}", line)
        tags.append(words)
    return HarrisonLists(tuple(paths), tuple(tags), vocabulary)


def resolve_paths(photos: Path, paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths relative to `photos`, which is either the common first folder of all paths or its parent."""
    heads = {path.split("/", 1)[0] for path in paths}
    if len(heads) != 1 or (photos / next(iter(heads))).is_dir() or not all("/" in path for path in paths):
        return paths
    return tuple(path.split("/", 1)[1] for path in paths)


def _read_vocabulary(path: Path) -> tuple[str, ...]:
    words: dict[str, int] = {}
    for line, text in enumerate(read_lines(path), start=1):
        cells = text.split()
        if len(cells) != 2 or not cells[1].isdecimal() or int(cells[1]) != len(words) or cells[0] in words:
            raise text_fault(path, f"must hold a tag of its own and the number {len(words)}", line)
        words[cells[0]] = len(words)
    return tuple(words)
