"""`clustertags watch`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustertags.cli import console
from clustertags.cli.add_summary import added_line, joined_line
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption, JobsOption
from clustertags.cli.unreadable import print_unreadable
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.workflows.add import AddSummary


def watch(
    photos: Annotated[Path, typer.Argument(help="The library's folder, or one below it.")],
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    settle: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="A file is whole that has not changed for so long.")
    ] = 3.0,
    polling: Annotated[
        bool, typer.Option("--polling", help="Look through the folder every 2 s, as network drives need it.")
    ] = False,
    jobs: JobsOption = None,
) -> None:
    """Add photos to the fitted library as they arrive in a folder, one line a batch, until Ctrl-C.

    Begins with those that are there already. Needs the package watchfiles.

    \b
    clustertags watch ./photos
    clustertags watch ./photos/camera --settle 10
    clustertags watch /media/nas/photos --polling
    """
    from clustertags.workflows.watch import Watcher  # noqa: PLC0415

    advised = False

    def report(summary: AddSummary) -> None:
        nonlocal advised
        console.result(f"{datetime.now().astimezone():%H:%M:%S}  {joined_line(summary)}")
        print_unreadable(summary.unreadable)
        if summary.added.refit and not advised:
            console.notice(added_line(summary.added))
        advised = summary.added.refit

    watcher = Watcher(
        photos,
        artifacts,
        report=report,
        notify=console.notice,
        settle_seconds=settle,
        polling=polling,
        jobs=jobs,
    )
    watcher.check()
    console.notice(f"watching {printable(photos)}; Ctrl-C ends it")
    watcher.run()
