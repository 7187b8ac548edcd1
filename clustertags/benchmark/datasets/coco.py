"""COCO's annotation file, `instances_*.json` (Lin et al. 2014): the categories annotated in a photo are its tags."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from clustertags.benchmark.datasets.label_files import read_labels_text, relative_photo_path
from clustertags.labels.tags_file import TagRow
from clustertags.support.text_files import text_fault

MAX_BYTES = 2**30


def read_coco(path: Path) -> tuple[TagRow, ...]:
    """One row for each image that has an annotation; `line` counts the images. Raises `SeedsError`."""
    try:
        document = json.loads(read_labels_text(path, MAX_BYTES))
    except RecursionError:
        raise text_fault(path, "is nested too deeply to be COCO's annotations") from None
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise text_fault(path, "is not valid JSON: name an instances_*.json of COCO", line) from None
    if not isinstance(document, dict):
        raise text_fault(path, "is no JSON object: name an instances_*.json of COCO")
    categories = dict(_entries(path, document, "categories", "id", "name"))
    images = dict(_entries(path, document, "images", "id", "file_name"))
    tags: dict[int, dict[str, None]] = {}
    for at, item in enumerate(_listed(path, document, "annotations")):
        image, category = (
            _number(path, item, "annotations", at, "image_id"),
            _number(path, item, "annotations", at, "category_id"),
        )
        if image not in images or category not in categories:
            raise text_fault(path, f"annotations[{at}] names an image or a category that the file does not hold")
        tags.setdefault(image, {})[categories[category]] = None
    rows = tuple(
        TagRow(at, relative_photo_path(path, name), tuple(tags[image]))
        for at, (image, name) in enumerate(images.items(), start=1)
        if image in tags
    )
    if not rows:
        raise text_fault(path, "annotates no image: name an instances_*.json of COCO")
    return rows


def _listed(path: Path, document: dict[str, Any], name: str) -> list[Any]:
    items = document.get(name)
    if not isinstance(items, list):
        raise text_fault(path, f'has no list "{name}": name an instances_*.json of COCO')
    return items


def _entries(path: Path, document: dict[str, Any], name: str, key: str, text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for at, item in enumerate(_listed(path, document, name)):
        number = _number(path, item, name, at, key)
        if not isinstance(item.get(text), str):
            raise text_fault(path, f'{name}[{at}] has no "{text}" that is text')
        found.append((number, item[text]))
    return found


def _number(path: Path, item: Any, name: str, at: int, key: str) -> int:
    value = item.get(key) if isinstance(item, dict) else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise text_fault(path, f'{name}[{at}] has no "{key}" that is a whole number')
    return value
