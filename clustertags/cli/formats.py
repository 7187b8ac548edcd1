"""How answers are printed: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from clustertags.cli import console
from clustertags.support.printable import printable
from clustertags.tagging.prediction_json import as_json
from clustertags.types import PhotoTags

_CSV_HEADER = ("image", "tags", "scores", "cluster", "abstained", "reason")


def write_answers(answers: Iterator[PhotoTags], output_format: str, *, explain: bool) -> int:
    """Print the answers as they come; return how many photos could not be read."""
    n_unreadable = 0
    if output_format == "csv":
        console.result(_csv_line(_CSV_HEADER))
    separator = "["
    for answer in answers:
        n_unreadable += answer.unreadable
        if output_format == "csv":
            console.result(_csv_line(_csv_fields(answer)))
        elif output_format == "jsonl":
            console.result(json.dumps(as_json(answer, explain=explain)))
        elif output_format == "json":
            console.result(separator + json.dumps(as_json(answer, explain=explain)))
            separator = ","
        else:
            console.result(_table(answer))
    if output_format == "json":
        console.result("]" if separator == "," else "[]")
    return n_unreadable


def _table(answer: PhotoTags) -> str:
    cluster = answer.cluster
    place = f"cluster {cluster.id}, {printable(cluster.name, 60)} ({cluster.score:.2f})" if cluster else "unclustered"
    lines = [printable(answer.path)] if answer.unreadable else [f"{printable(answer.path)}  {place}"]
    for tag in answer.tags:
        put_last = f"  (put last: {printable(tag.demoted)})" if tag.demoted else ""
        unseen = "  (by its name)" if tag.by_name else ""
        lines.append(f"  {tag.score:.2f}  {printable(tag.tag, 60)}{put_last}{unseen}")
        lines += [f"          {part.share:4.0%}  {part.part}: {printable(part.detail)}" for part in tag.parts]
    if answer.abstained:
        lines.append(f"  no tags: {printable(answer.reason)}")
    lines += [f"  withheld  {tag.score:.2f}  {printable(tag.tag, 60)}" for tag in answer.withheld]
    return "\n".join(lines)


def _csv_fields(answer: PhotoTags) -> tuple[str, ...]:
    return (
        _cell(answer.path, "./"),
        _cell("|".join(tag.tag for tag in answer.tags), "'"),
        "|".join(f"{tag.score:.4f}" for tag in answer.tags),
        _cell(answer.cluster.name if answer.cluster else "", "'"),
        str(answer.abstained).lower(),
        _cell(answer.reason, "'"),
    )


def _cell(text: str, guard: str) -> str:
    """Keep a spreadsheet from taking a name for a formula, and a terminal from obeying it."""
    shown = printable(text, limit=len(text) * 10 + 10)
    return guard + shown if shown[:1] in {"=", "+", "-", "@"} else shown


def _csv_line(fields: tuple[str, ...]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(fields)
    return stream.getvalue()
