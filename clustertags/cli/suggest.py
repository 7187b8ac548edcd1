"""`clustertags suggest`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.errors import UsageError
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.workflows.suggest import PhotoToTag, Suggestions


def suggest(
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="How many photos.")] = 12,
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write them to fill in: a file ending in .csv, or a page with the pictures (.html, or a folder).",
        ),
    ] = None,
    output_format: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", "-f", help="How to print them.")
    ] = "table",
    take: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Take the labels back: CSV or JSON lines, as `fit --tags` reads them."),
    ] = None,
) -> None:
    """Suggest the photos whose labels would help the model most, and take the labels.

    Labels are stored with the library and learnt at once, in seconds; a later fit uses them too. A photo that shows
    none of your tags is worth a label too: write - in place of its tags.

    \b
    clustertags suggest
    clustertags suggest -n 20 --output ./to-tag
    clustertags suggest --output answers.csv
    clustertags suggest --take answers.csv
    """
    if take is not None:
        if output is not None:
            raise UsageError("--take and --output exclude one another: take the labels first, then ask for more")
        _take(take, artifacts)
        return
    from clustertags.library.storage import check_output  # noqa: PLC0415
    from clustertags.workflows.suggest import suggest as find_photos  # noqa: PLC0415

    if output is not None and output.suffix.lower() == ".csv" and output.is_file():
        raise UsageError(f"{printable(output)} exists already: take its labels with --take, or name a new file")
    if output is not None:
        check_output(output)
    suggestions = find_photos(artifacts, number)
    if not suggestions.photos:
        remaining = (
            "the remaining photos show nothing, or have names that a file of tags cannot contain"
            if suggestions.n_unlabelled
            else ""
        )
        console.notice(f"nothing to suggest: {remaining or 'every photo is labelled'}")
    if suggestions.n_unnameable:
        many = plural(suggestions.n_unnameable, "photo")
        is_left = "is" if suggestions.n_unnameable == 1 else "are"
        console.notice(f"{many} {is_left} left out: a name that is not UTF-8 cannot stand in a file of tags")
    if output is not None and suggestions.photos:
        console.result_path(_write(suggestions, output))
        console.notice(f"{plural(len(suggestions.photos), 'photo')} to tag; then: clustertags suggest --take FILE.csv")
    elif output_format == "json":
        console.result(json.dumps([_as_json(item) for item in suggestions.photos]))
    elif output_format == "csv":
        console.result(_as_csv(suggestions.photos, escaped=console.is_terminal()).rstrip("\r\n"))
    else:
        for rank, item in enumerate(suggestions.photos, start=1):
            console.result(f"{rank:4d}  {printable(item.path, 100)}\n      {item.reason}{_place(item)}")


def _write(suggestions: Suggestions, output: Path) -> Path:
    from clustertags.library.storage import storage_errors, write_output  # noqa: PLC0415

    if output.suffix.lower() == ".csv":
        with storage_errors(output):
            output.parent.mkdir(parents=True, exist_ok=True)
            write_output(output, _as_csv(suggestions.photos).encode())
        return output
    from clustertags.gallery.sheet import write_sheet  # noqa: PLC0415

    with console.progress() as progress:
        return write_sheet(suggestions, output, progress=progress)


def _take(source: Path, artifacts: Path) -> None:
    from clustertags.workflows.take_labels import take_labels  # noqa: PLC0415

    with console.progress() as progress:
        done = take_labels(source, artifacts, progress)
    none = f" ({done.n_none:,} as none of the tags)" if done.n_none else ""
    counts = f"{plural(done.before, 'labelled photo')} before, {done.after:,} now"
    console.result(f"{plural(done.n_taken, 'photo')} labelled{none}: {counts}")
    new = ", ".join(printable(tag, 40) for tag in done.new_tags[:8])
    more = f" and {len(done.new_tags) - 8:,} more" if len(done.new_tags) > 8 else ""
    console.result(plural(done.n_tags, "tag") + (f", new: {new}{more}" if new else ", none of them new"))
    console.result(f"{done.n_changed:,} of {plural(done.n_photos, 'photo')} have another best tag")
    for text in done.notices:
        console.notice(f"note: {text}")
    console.result(f"model {done.version} in {printable(artifacts)}")


def _place(item: PhotoToTag) -> str:
    return f" ({printable(item.cluster, 40)})" if item.cluster else ""


def _as_json(item: PhotoToTag) -> dict[str, Any]:
    """The keys are a stable interface."""
    found = item.suggestion
    return {
        "path": item.path,
        "speaks_for": found.n_alike,
        "gain": round(found.gain, 3),
        "sureness": None if found.confidence is None else round(found.confidence, 4),
        "cluster": item.cluster or None,
        "tags": [{"tag": tag, "score": round(score, 6)} for tag, score in item.best_tags],
        "reason": item.reason,
    }


def _as_csv(photos: tuple[PhotoToTag, ...], *, escaped: bool = False) -> str:
    """Names are exact, so that they are found again; `escaped` for a terminal, where some are control sequences."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(("image", "tags"))
    for item in photos:
        # `./` names the same file, and a spreadsheet does not take it for a formula.
        name = f"./{item.path}" if item.path[:1] in "=+-@" or item.path[:1].isspace() else item.path
        writer.writerow((printable(name, 1000) if escaped else name, ""))
    return stream.getvalue()
