"""`clustertags export --sidecars`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from clustertags.cli import console
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.export.sidecar_names import SidecarName
    from clustertags.export.sidecar_runs import SidecarOutcome, SidecarReport
    from clustertags.workflows.export import Export

_REFUSALS_SHOWN = 10


def write(found: Export, artifacts: Path, name: SidecarName | None, *, dry_run: bool) -> None:
    """Write sidecars, or show what would be written, and say what came of it."""
    from clustertags.workflows.sidecars import write_sidecars  # noqa: PLC0415

    with console.progress(enabled=not dry_run) as progress:
        report = write_sidecars(
            found, artifacts, name=name, dry_run=dry_run, on_outcome=_show if dry_run else None, progress=progress
        )
    new, changed, same = (report.count(action) for action in ("created", "changed", "unchanged"))
    done = "would be written" if dry_run else "written"
    sentence = f"{plural(new + changed, 'sidecar')} {done}: {new:,} new, {changed:,} changed; {same:,} lack nothing"
    _say(sentence, report, dry_run=dry_run)
    if not dry_run and new + changed:
        console.notice("to take it back: clustertags export --sidecars --undo")


def undo(artifacts: Path, *, dry_run: bool) -> None:
    """Undo sidecars, or show what that would do, and say what came of it."""
    from clustertags.workflows import sidecars  # noqa: PLC0415

    with console.progress(enabled=not dry_run) as progress:
        report = sidecars.undo(artifacts, dry_run=dry_run, on_outcome=_show if dry_run else None, progress=progress)
    gone, kept = report.count("removed"), report.count("undone")
    done = "would be undone" if dry_run else "undone"
    what = f"{gone:,} removed, {kept:,} kept with all else that they hold"
    _say(f"{plural(gone + kept, 'sidecar')} {done}: {what}", report, dry_run=dry_run)


def _show(outcome: SidecarOutcome) -> None:
    for line in outcome.difference.splitlines():
        console.result(printable(line, 2000))


def _say(sentence: str, report: SidecarReport, *, dry_run: bool) -> None:
    """Print what was done, apart from the differences of a dry run, and what was left as it is."""
    from clustertags.workflows.sidecars import refusals  # noqa: PLC0415

    (console.notice if dry_run else console.result)(sentence)
    left = refusals(report.outcomes)
    for text in left[:_REFUSALS_SHOWN]:
        console.notice(f"left as it is: {text}")
    if len(left) > _REFUSALS_SHOWN:
        console.notice(f"and {len(left) - _REFUSALS_SHOWN:,} more")
    if left:
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)
