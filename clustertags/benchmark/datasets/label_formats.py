"""Find the labels of a folder of photos, guess their format, and read them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from clustertags.benchmark.datasets.coco import read_coco
from clustertags.benchmark.datasets.flickr8k import read_flickr8k
from clustertags.benchmark.datasets.harrison import TAG_LIST, read_harrison, resolve_paths
from clustertags.errors import UsageError
from clustertags.labels.seed_tags import DEFAULT_FILE, FOLDERS, read_seed_tags, tags_of_rows
from clustertags.labels.tags_file import TagRow
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, SeedTags

LABELS_FILE = "labels.csv"


class LabelFormat(StrEnum):
    """The format of a file of labels."""

    FOLDERS = "folders"
    CSV = "csv"
    HARRISON = "harrison"
    COCO = "coco"
    FLICKR8K = "flickr8k"


def find_labels(photos: Path, tags: str | None) -> str | Path:
    """`tags`, or without it a file of labels in the folder, else the names of its folders."""
    if tags is not None:
        return tags if tags == FOLDERS else Path(tags)
    for path in (photos / DEFAULT_FILE, photos / LABELS_FILE):
        if path.is_file() and not path.is_symlink():
            return path
    return FOLDERS


def guess_label_format(source: str | Path) -> LabelFormat:
    """The format by the file's name: COCO's `.json`, Flickr8k's `.token.txt`, HARRISON's folder of lists."""
    if isinstance(source, str):
        return LabelFormat.FOLDERS
    name = source.name.lower()
    if (source / TAG_LIST).is_file():
        return LabelFormat.HARRISON
    if name.endswith(".json"):
        return LabelFormat.COCO
    return LabelFormat.FLICKR8K if name.endswith((".token", ".token.txt")) else LabelFormat.CSV


def read_labels(photos: PhotoSet, source: str | Path, label_format: LabelFormat) -> SeedTags:
    """The photos' tags. Raises `SeedsError` for a malformed file, `UsageError` where it cannot have the format."""
    if label_format is LabelFormat.FOLDERS:
        return read_seed_tags(photos, FOLDERS)
    if isinstance(source, str):
        raise UsageError(f"labels of the format {label_format} are in a file: name it with --tags")
    if label_format is LabelFormat.CSV:
        return read_seed_tags(photos, source)
    return tags_of_rows(photos, _rows(photos.root, source, label_format), source)


def _rows(root: Path, source: Path, label_format: LabelFormat) -> tuple[TagRow, ...]:
    if label_format is LabelFormat.COCO:
        return read_coco(source)
    if label_format is LabelFormat.FLICKR8K:
        return read_flickr8k(source)
    if not source.is_dir():
        raise UsageError(f"{printable(source)} is no folder: --tags takes the folder of HARRISON's lists")
    lists = read_harrison(source)
    paths = resolve_paths(root, lists.paths)
    return tuple(
        TagRow(line, path, tags) for line, (path, tags) in enumerate(zip(paths, lists.tags, strict=True), start=1)
    )
