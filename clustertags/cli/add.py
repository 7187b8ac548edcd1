"""`clustertags add`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustertags.cli import console
from clustertags.cli.add_summary import print_summary
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption, JobsOption


def add(
    photos: Annotated[
        list[Path],
        typer.Argument(
            metavar="PHOTOS...", help="New photos, or folders of them, below the library's folder, or that folder."
        ),
    ],
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    jobs: JobsOption = None,
) -> None:
    """Add new photos to the fitted library: they join its clusters and get its tags, without a new fit.

    Only new photos are decoded. Their own labels count at the next fit. It says when a new fit is worthwhile.

    \b
    clustertags add ./photos/october
    clustertags add ./photos/new.jpg
    clustertags add ./photos
    """
    from clustertags.workflows.add import add as add_photos  # noqa: PLC0415

    with console.progress() as progress:
        summary = add_photos(photos, artifacts, jobs=jobs, progress=progress)
    print_summary(summary, artifacts)
    if summary.unreadable:
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)
