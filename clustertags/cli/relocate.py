"""`clustertags relocate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.support.counts import plural
from clustertags.support.printable import printable

_NAMES_SHOWN = 5


def relocate(
    photos: Annotated[Path, typer.Argument(metavar="NEW", help="The folder that holds the photos now.")],
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
) -> None:
    """Tell the library where its photos are, after their folder was moved or renamed.

    Nothing is fitted and no photo is decoded; relocating back undoes it.

    \b
    clustertags relocate /media/disk/photos
    """
    from clustertags.workflows.relocate import relocate as move  # noqa: PLC0415

    with console.progress() as progress:
        done = move(photos, artifacts, progress)
    same = ", where the library had them" if done.after == done.before else ""
    console.result(f"{done.n_found:,} of {plural(done.n_photos, 'photo')} found below {printable(done.after)}{same}")
    if done.missing:
        console.notice(f"{plural(len(done.missing), 'photo')} not found, or changed since the fit:")
        for path in done.missing[:_NAMES_SHOWN]:
            console.notice(f"  {printable(path, 100)}")
        console.notice(f"`clustertags fit {printable(done.after)}` leaves out what is gone and reads what is new")
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)


def moved_notice(artifacts: Path) -> str:
    """What to do where the library's photo folder is not where it was; "" where it is."""
    from clustertags.workflows.relocate import library_root  # noqa: PLC0415

    root = library_root(artifacts)
    if root.is_dir():
        return ""
    return (
        f"{printable(root)} is gone, so photos that were not shown before have no picture: if it has moved, "
        "`clustertags relocate NEW` names its new place"
    )
