"""`clustertags export`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli import sidecars as sidecar_commands
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.errors import UsageError
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.workflows.export import Export

Format = Literal["csv", "jsonl", "parquet", "huggingface", "fiftyone", "labelstudio", "exiftool"]


def export(
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    output_format: Annotated[
        Format | None, typer.Option("--format", "-f", help="The form of the file; jsonl by default.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", help="The file or folder to write, instead of printing."),
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only the tags that you gave.")] = False,
    predicted: Annotated[bool, typer.Option("--predicted", help="Only predicted tags that you did not give.")] = False,
    precision: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="P", help="Predicted tags that are right this often; else more than half."),
    ] = None,
    under: Annotated[
        str, typer.Option(metavar="NAME", help="A parent for predicted tags in hierarchical keywords: auto|dog.")
    ] = "",
    features: Annotated[
        bool, typer.Option("--features", help="With parquet: the network's features of each photo.")
    ] = False,
    folders: Annotated[
        Literal["clusters", "tags"] | None,
        typer.Option(help="Instead of a file: a folder for each, with links to the photos."),
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="With --folders: copies instead of links.")] = False,
    sidecars: Annotated[
        bool, typer.Option("--sidecars", help="Instead of a file: write XMP sidecars beside the photos.")
    ] = False,
    sidecar_name: Annotated[
        Literal["full", "base"] | None,
        typer.Option(help="Of new sidecars: photo.jpg.xmp or photo.xmp; by default base for RAW, else full."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --sidecars: print what would change.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="With --sidecars: take away all that was written.")] = False,
) -> None:
    """Write the tags of all photos of the library for other programs: your own and the predicted ones, kept apart.

    \b
    clustertags export > tags.jsonl
    clustertags export --format csv --output tags.csv
    clustertags export --format parquet --features --output tags.parquet
    clustertags export --folders tags --mine --output ./by-tag
    clustertags export --format exiftool --output keywords.csv
    clustertags export --sidecars --precision 0.9 --dry-run
    clustertags export --sidecars --undo
    """
    from clustertags.export.records import ExportOptions  # noqa: PLC0415
    from clustertags.library.storage import check_output  # noqa: PLC0415
    from clustertags.workflows.export import gather  # noqa: PLC0415

    if (folders is not None) + (output_format is not None) + sidecars > 1:
        raise UsageError("--format, --folders and --sidecars exclude one another")
    if copy and folders is None:
        raise UsageError("--copy goes with --folders")
    if features and output_format != "parquet":
        raise UsageError("--features goes with --format parquet")
    if (dry_run or undo or sidecar_name) and not sidecars:
        raise UsageError("--dry-run, --undo and --sidecar-name go with --sidecars")
    if sidecars and output is not None:
        raise UsageError("sidecars lie beside the photos: leave out --output")
    if output is not None:
        check_output(output)
    if undo:
        sidecar_commands.undo(artifacts, dry_run=dry_run)
        return
    both = mine == predicted
    # A photo program cannot tell predicted keywords from the person's own once they are inside a photo.
    with_predicted = predicted or (both and output_format != "exiftool")
    found = gather(artifacts, ExportOptions(mine or both, with_predicted, precision, under))
    if sidecars:
        sidecar_commands.write(found, artifacts, sidecar_name, dry_run=dry_run)
    elif folders is not None:
        _write_folders(found, output, folders, copy=copy)
    else:
        _write_file(found, artifacts, output, output_format or "jsonl", features=features)


def _write_file(found: Export, artifacts: Path, output: Path | None, output_format: str, *, features: bool) -> None:
    from clustertags.library.storage import storage_errors, write_output  # noqa: PLC0415
    from clustertags.workflows.export import PARQUET, to_file  # noqa: PLC0415

    if output is None and output_format == PARQUET and console.is_terminal():
        raise UsageError("Parquet is no text: name a file with --output")
    if output is not None and output.is_dir():
        raise UsageError(f"{printable(output)} is a folder: name a file in it")
    data = to_file(found, output_format, artifacts, with_features=features)
    if output is None:
        console.result_file(data)
    else:
        with storage_errors(output):
            output.parent.mkdir(parents=True, exist_ok=True)
            write_output(output, data)
        console.result_path(output)
    console.notice(f"{plural(len(found.records), 'file')}, {found.n_tagged:,} with tags")
    if output_format == "exiftool":
        name = shlex.quote(printable(output.absolute())) if output else "FILE"
        root = shlex.quote(printable(found.library.root))
        console.notice(
            "to write these keywords into the photos (exiftool keeps each original as NAME_original):\n"
            f"  cd {root} && exiftool -csv+={name} -sep '##' -r ."
        )


def _write_folders(found: Export, output: Path | None, by: Literal["clusters", "tags"], *, copy: bool) -> None:
    from clustertags.workflows.export import to_folders  # noqa: PLC0415

    if output is None:
        raise UsageError("name the folder to make with --output")
    with console.progress() as progress:
        done = to_folders(found, output, by, copy=copy, progress=progress)
    console.result_path(output)
    what = "copy" if copy else "link"
    made = f"{done.n_files:,} {'copies' if copy else 'links'}" if done.n_files != 1 else f"1 {what}"
    console.notice(f"{plural(done.n_folders, 'folder')}, {made}")
    if done.missing:
        console.notice(f"{plural(len(done.missing), 'photo')} not found, such as {printable(done.missing[0], 80)}")
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)
