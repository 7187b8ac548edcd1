"""`clustertags gallery`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.errors import UsageError
from clustertags.support.counts import plural
from clustertags.support.files import lies_within
from clustertags.support.printable import printable


def gallery(
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Where to write it, instead of ARTIFACTS/gallery."),
    ] = None,
) -> None:
    """Write the clusters as a static site that opens from the disk, and print where.

    \b
    clustertags gallery
    clustertags gallery --artifacts ./my-library --output ./to-send
    """
    from clustertags.gallery.site import write_gallery  # noqa: PLC0415
    from clustertags.library.artifacts import Artifacts  # noqa: PLC0415
    from clustertags.library.storage import storage_errors  # noqa: PLC0415
    from clustertags.workflows.edit import load_edited  # noqa: PLC0415

    places = Artifacts(artifacts)
    target = output or places.gallery
    library = load_edited(artifacts)
    if lies_within(target, library.root) and output is None:
        raise UsageError(f"{printable(target)} lies among the photos: name another place with --output")
    locked = places.writing_if_possible() if output is not None else places.writing()
    with locked, console.progress() as progress, storage_errors(target):
        summary = write_gallery(library, target, progress=progress)
    console.notice(
        f"{plural(summary.n_pages, 'page')}, {plural(summary.n_thumbnails_made, 'thumbnail')} made, "
        f"{summary.n_thumbnails_reused:,} kept"
    )
    console.result_path(summary.index)
    n_missing = len(summary.without_thumbnail)
    if n_missing:
        console.notice(
            f"{plural(n_missing, 'photo')} could not be read below {printable(library.root)} and "
            "have no picture: if the folder has moved, `clustertags relocate NEW` names its new place"
        )
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)
