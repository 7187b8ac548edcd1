"""`clustertags versions` and `clustertags restore`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.cli.relocate import moved_notice
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.workflows.restore import KeptVersion, Restored

_MEGABYTE = 1_000_000


def versions(
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    output_format: Annotated[Literal["table", "json"], typer.Option("--format", "-f", help="How to print them.")] = (
        "table"
    ),
) -> None:
    """List the kept versions of the library, oldest first: one of each fit, of edits that were learnt, of a new place.

    \b
    clustertags versions
    clustertags versions --format json
    """
    _print_versions(artifacts, as_json=output_format == "json")


def restore(
    version: Annotated[str, typer.Argument(help="Its number; without it, the versions are listed.")] = "",
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
) -> None:
    """Put an earlier version of the library in use again. The one in use stays among the kept ones.

    What was fitted comes back: clusters, what was learnt, the list of photos. Edits stay recorded: those made
    since are applied to it, too, and `clustertags clusters undo` takes them back.

    \b
    clustertags restore
    clustertags restore 3
    """
    if not version:
        _print_versions(artifacts, as_json=False)
        console.notice("next: clustertags restore VERSION")
        return
    from clustertags.workflows.restore import restore as bring_back  # noqa: PLC0415

    done = bring_back(version, artifacts)
    if not done.changed:
        console.result(f"model {done.restored} is in use already; nothing was changed")
    else:
        counts = f"{plural(done.library.n_photos, 'photo')}, {plural(done.library.clusters.n_clusters, 'cluster')}"
        console.result(f"model {done.version} in {printable(artifacts)} is {done.restored} again: {counts}")
    for text in _notes(done, artifacts):
        console.notice(f"note: {text}")


def _notes(done: Restored, artifacts: Path) -> list[str]:
    notes = []
    if done.n_edits_since:
        count = plural(done.n_edits_since, "edit")
        are, them = ("is", "it") if done.n_edits_since == 1 else ("are", "them")
        notes.append(
            f"{count} made since {are} not in it: the clusters show {them}, and the next edit or fit learns from "
            f"{them}; `clustertags clusters undo` takes {them} back, the last one first"
        )
    if done.n_edits_undone:
        count = plural(done.n_edits_undone, "edit")
        are, them = ("was", "it") if done.n_edits_undone == 1 else ("were", "them")
        notes.append(
            f"{count} in it {are} undone since: the clusters leave {them} out; the next edit or fit unlearns {them}"
        )
    if moved := moved_notice(artifacts):
        notes.append(moved)
    return notes


def _print_versions(artifacts: Path, *, as_json: bool) -> None:
    from clustertags.workflows.restore import list_versions  # noqa: PLC0415

    found = list_versions(artifacts)
    if as_json:
        console.result(json.dumps({"versions": [_as_json(item) for item in found.kept], "bytes": found.total_bytes}))
        return
    for item in found.kept:
        console.result(_line(item))
    total = f"{found.total_bytes / _MEGABYTE:,.1f} MB"
    console.notice(f"{plural(len(found.kept), 'version')}, {total} together, files that several share counted once")


def _line(item: KeptVersion) -> str:
    size = f"{item.own_bytes / _MEGABYTE:9,.1f} MB"
    in_use = "  in use" if item.in_use else ""
    if not item.counts:
        return f"{item.name}  {size}  cannot be used: {printable(item.damage)}{in_use}"
    counts = item.counts
    what = ", ".join(
        (
            plural(counts.get("photos", 0), "photo"),
            plural(counts.get("clusters", 0), "cluster"),
            plural(counts.get("tags", 0), "tag"),
            f"{counts.get('labelled', 0):,} labelled",
        )
    )
    why = f"{item.made_by}: {printable(item.made_of, 60)}" if item.made_of else item.made_by
    damage = f"  damaged: {printable(item.damage)}" if item.damage else ""
    when = item.published[:16].replace("T", " ")
    return f"{item.name}  {when}  {size}  {what}  {why}  ({printable(item.program, 40)}){damage}{in_use}"


def _as_json(item: KeptVersion) -> dict[str, Any]:
    """The keys are a stable interface."""
    return {
        "version": item.name,
        "published": item.published,
        "made_by": item.made_by,
        "made_of": item.made_of,
        "program": item.program,
        "photos": item.counts.get("photos", 0),
        "clusters": item.counts.get("clusters", 0),
        "tags": item.counts.get("tags", 0),
        "labelled": item.counts.get("labelled", 0),
        "own_bytes": item.own_bytes,
        "in_use": item.in_use,
        "damage": item.damage,
    }
