"""Text formats of an export: tables, and files that labelling tools and exiftool open.

Each writer takes the records, in order, and gives the lines of the file without their ends.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from clustertags.export.records import Record
from clustertags.export.tag_paths import tag_paths
from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.rules import NO_RULES, Rules
from clustertags.support.spreadsheet import path_cell, text_cell

SEPARATOR = "##"
"""Between the keywords of a cell for exiftool; a tag never begins with `#`, and one that contains two has one here."""


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of the library: `vocabulary`; `model`: program and version that predicted; `rules` with the
    parents of tags; `under`: the parent of predicted tags, "" for none.
    """

    vocabulary: tuple[str, ...] = ()
    model: str = "clustertags"
    rules: Rules = field(default_factory=lambda: NO_RULES)
    under: str = ""


def as_json(record: Record) -> dict[str, Any]:
    """The object of a record with the keys that other programs rely on."""
    return {
        "path": record.path,
        "mine": list(record.mine),
        "predicted": [{"tag": item.tag, "score": item.score} for item in record.predicted],
        "cluster": {"id": record.cluster[0], "name": record.cluster[1]} if record.cluster else None,
        "added": record.added,
    }


def _json_lines(records: Iterable[Record], about: About) -> Iterator[str]:
    return (json.dumps(as_json(record)) for record in records)


def _csv(records: Iterable[Record], about: About) -> Iterator[str]:
    """For spreadsheets; the columns `image` and `tags` make it a file of seed tags as well."""
    yield _csv_line(("image", "tags", "predicted", "scores", "cluster_id", "cluster"))
    for record in records:
        yield _csv_line(
            (
                path_cell(record.path),
                text_cell("|".join(record.mine)),
                text_cell("|".join(item.tag for item in record.predicted)),
                "|".join(f"{item.score:.4f}" for item in record.predicted),
                str(record.cluster[0]) if record.cluster else "",
                text_cell(record.cluster[1]) if record.cluster else "",
            )
        )


def _hugging_face(records: Iterable[Record], about: About) -> Iterator[str]:
    """`metadata.jsonl` of the datasets library's ImageFolder: `file_name` and columns of one's own."""
    for record in records:
        fields = {
            "file_name": record.path,
            "tags": list(record.mine),
            "predicted": [item.tag for item in record.predicted],
            "scores": [item.score for item in record.predicted],
            "cluster": record.cluster[1] if record.cluster else None,
        }
        yield json.dumps(fields)


def _fiftyone(records: Iterable[Record], about: About) -> Iterator[str]:
    """`labels.json` of FiftyOne's FiftyOneImageClassificationDataset: lists of labels by path without its suffix.

    Photos whose paths differ in the suffix alone are one there, and share their labels.
    """
    labels: dict[str, dict[str, dict[str, Any]]] = {}
    for record in records:
        of_photo = labels.setdefault(posixpath.splitext(record.path)[0], {})
        for item in record.predicted:
            of_photo.setdefault(item.tag, {"label": item.tag, "confidence": item.score})
        for tag in record.mine:
            of_photo[tag] = {"label": tag}
    given = {path: list(of_photo.values()) or None for path, of_photo in labels.items()}
    yield json.dumps({"classes": list(about.vocabulary), "labels": given})


def _label_studio(records: Iterable[Record], about: About) -> Iterator[str]:
    """Label Studio's JSON of tasks: predictions as pre-annotations, the person's tags as annotations.

    Photos are named as files of a local storage whose root is the photo folder; the labelling interface needs
    `<Image name="image">` and `<Choices name="tags" toName="image" choice="multiple">`. Label Studio sorts tasks by the
    score of a prediction, which is that of its least certain tag.
    """
    separator = "["
    for record in records:
        task: dict[str, Any] = {
            "data": {"image": f"/data/local-files/?d={quote(record.path, errors='surrogateescape')}"}
        }
        if record.predicted:
            score = min(item.score for item in record.predicted)
            result = _choices([item.tag for item in record.predicted])
            task["predictions"] = [{"model_version": about.model, "score": score, "result": result}]
        if record.mine:
            task["annotations"] = [{"result": _choices(record.mine)}]
        yield separator + json.dumps(task)
        separator = ","
    yield "]" if separator == "," else "[]"


def _choices(tags: Iterable[str]) -> list[dict[str, Any]]:
    return [{"from_name": "tags", "to_name": "image", "type": "choices", "value": {"choices": list(tags)}}]


def _exiftool(records: Iterable[Record], about: About) -> Iterator[str]:
    """What `exiftool -csv+=FILE -sep '##'` adds to photos: the keywords that are not inside a photo already.

    Photos without anything to add have empty cells, since exiftool warns of each that has no line.
    """
    yield _csv_line(("SourceFile", "XMP-dc:Subject", "XMP-lr:HierarchicalSubject"))
    for record in records:
        paths = [path for tag in record.mine for path in tag_paths(about.rules, tag)]
        paths += [path for item in record.predicted for path in tag_paths(about.rules, item.tag, about.under)]
        flat = dict.fromkeys(name for path in paths for name in path if name != about.under)
        inside = {normalise_tag(name) for keyword in record.embedded for name in (keyword, *keyword.split("|"))}
        new = [tag for tag in flat if normalise_tag(tag) not in inside]
        hierarchical = dict.fromkeys("|".join(path) for path in paths if "|".join(path) not in record.embedded)
        yield _csv_line((f"./{record.path}", _joined(new), _joined(hierarchical) if new else ""))


def _joined(keywords: Iterable[str]) -> str:
    return SEPARATOR.join(keyword.replace(SEPARATOR, "#") for keyword in keywords)


def _csv_line(fields: Iterable[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(fields)
    return stream.getvalue()


FORMATS: dict[str, Callable[[Iterable[Record], About], Iterator[str]]] = {
    "csv": _csv,
    "jsonl": _json_lines,
    "huggingface": _hugging_face,
    "fiftyone": _fiftyone,
    "labelstudio": _label_studio,
    "exiftool": _exiftool,
}
