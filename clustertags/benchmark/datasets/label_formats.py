"""Which reader a file of labels needs, and the tags of the files of a folder by it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from clustertags.benchmark.datasets.coco import read_coco
from clustertags.benchmark.datasets.flickr8k import read_flickr8k
from clustertags.benchmark.datasets.harrison import TAG_LIST, below, read_harrison
from clustertags.errors import UsageError
from clustertags.labels.seed_tags import DEFAULT_FILE, FOLDERS, read_seed_tags, tags_of_rows
from clustertags.labels.tags_file import TagRow
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, SeedTags

LABELS_FILE = "labels.csv"


class Layout(StrEnum):
    """How labels come."""

    FOLDERS = "folders"
    CSV = "csv"
    HARRISON = "harrison"
    COCO = "coco"
    FLICKR8K = "flickr8k"


def find_source(photos: Path, tags: str | None) -> str | Path:
    """What is meant where `--tags` names nothing: a file of labels in the folder, else the names of its folders."""
    if tags is not None:
        return tags if tags == FOLDERS else Path(tags)
    for place in (photos / DEFAULT_FILE, photos / LABELS_FILE):
        if place.is_file() and not place.is_symlink():
            return place
    return FOLDERS


def guess_layout(source: str | Path) -> Layout:
    """The layout that the file's name tells: COCO's `.json`, Flickr8k's `.token.txt`, HARRISON's folder of lists."""
    if isinstance(source, str):
        return Layout.FOLDERS
    name = source.name.lower()
    if (source / TAG_LIST).is_file():
        return Layout.HARRISON
    if name.endswith(".json"):
        return Layout.COCO
    return Layout.FLICKR8K if name.endswith((".token", ".token.txt")) else Layout.CSV


def read_labels(photos: PhotoSet, source: str | Path, layout: Layout) -> SeedTags:
    """The photos' tags. Raises `SeedsError` for a malformed file, `UsageError` where it cannot have the layout."""
    if layout is Layout.FOLDERS:
        return read_seed_tags(photos, FOLDERS)
    if isinstance(source, str):
        raise UsageError(f"the labels of the layout {layout} stand in a file: name it with --tags")
    if layout is Layout.CSV:
        return read_seed_tags(photos, source)
    return tags_of_rows(photos, _rows(photos.root, source, layout), source)


def _rows(root: Path, source: Path, layout: Layout) -> tuple[TagRow, ...]:
    if layout is Layout.COCO:
        return read_coco(source)
    if layout is Layout.FLICKR8K:
        return read_flickr8k(source)
    if not source.is_dir():
        raise UsageError(f"{printable(source)} is no folder: --tags takes the folder of HARRISON's lists")
    lists = read_harrison(source)
    paths = below(root, lists.paths)
    return tuple(
        TagRow(line, path, tags) for line, (path, tags) in enumerate(zip(paths, lists.tags, strict=True), start=1)
    )
