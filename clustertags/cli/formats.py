"""Formats of predictions: a table, JSON, JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from clustertags.cli import console
from clustertags.support.printable import printable
from clustertags.support.spreadsheet import path_cell, text_cell
from clustertags.tagging.photo_tags import PhotoTags
from clustertags.tagging.prediction_json import as_json

_CSV_HEADER = ("image", "tags", "scores", "cluster", "abstained", "reason")


def write_predictions(predictions: Iterator[PhotoTags], output_format: str, *, explain: bool) -> int:
    """Print predictions one by one; return the number of photos that could not be read."""
    n_unreadable = 0
    if output_format == "csv":
        console.result(_csv_line(_CSV_HEADER))
    separator = "["
    for prediction in predictions:
        n_unreadable += prediction.unreadable
        if output_format == "csv":
            console.result(_csv_line(_csv_fields(prediction)))
        elif output_format == "jsonl":
            console.result(json.dumps(as_json(prediction, explain=explain)))
        elif output_format == "json":
            console.result(separator + json.dumps(as_json(prediction, explain=explain)))
            separator = ","
        else:
            console.result(_table(prediction))
    if output_format == "json":
        console.result("]" if separator == "," else "[]")
    return n_unreadable


def _table(prediction: PhotoTags) -> str:
    cluster = prediction.cluster
    place = f"cluster {cluster.id}, {printable(cluster.name, 60)} ({cluster.score:.2f})" if cluster else "unclustered"
    lines = [printable(prediction.path)] if prediction.unreadable else [f"{printable(prediction.path)}  {place}"]
    for tag in prediction.tags:
        demoted = f"  (demoted: {printable(tag.demoted)})" if tag.demoted else ""
        unseen = "  (by its name)" if tag.by_name else ""
        lines.append(f"  {tag.score:.2f}  {printable(tag.tag, 60)}{demoted}{unseen}")
        lines += [f"          {part.share:4.0%}  {part.part}: {printable(part.detail)}" for part in tag.parts]
    if prediction.abstained:
        lines.append(f"  no tags: {printable(prediction.reason)}")
    lines += [f"  withheld  {tag.score:.2f}  {printable(tag.tag, 60)}" for tag in prediction.withheld]
    return "\n".join(lines)


def _csv_fields(prediction: PhotoTags) -> tuple[str, ...]:
    return (
        path_cell(prediction.path),
        text_cell("|".join(tag.tag for tag in prediction.tags)),
        "|".join(f"{tag.score:.4f}" for tag in prediction.tags),
        text_cell(prediction.cluster.name if prediction.cluster else ""),
        str(prediction.abstained).lower(),
        text_cell(prediction.reason),
    )


def _csv_line(fields: tuple[str, ...]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(fields)
    return stream.getvalue()
