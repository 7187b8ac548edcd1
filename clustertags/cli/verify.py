"""`clustertags verify`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.library.verification import Check
    from clustertags.workflows.verify import Verification


def verify(
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    repair: Annotated[
        bool, typer.Option("--repair", help="Rebuild what can be rebuilt; what is sound stays as it is.")
    ] = False,
    output_format: Annotated[Literal["table", "json"], typer.Option("--format", help="How to print it.")] = "table",
) -> None:
    """Check the fitted library for damage: every file, the database, the model, and the tags of some photos.

    Exit status 1 where something is damaged. Without --repair nothing is written.

    \b
    clustertags verify
    clustertags verify --repair
    clustertags verify --format json
    """
    from clustertags.workflows.verify import verify as verify_library  # noqa: PLC0415

    with console.progress() as progress:
        found = verify_library(artifacts, repair=repair, progress=progress)
    if output_format == "json":
        console.result(json.dumps(_as_json(found)))
    else:
        for done in found.repairs:
            console.result(f"rebuilt  {done}")
        for check in found.checks:
            console.result(_line(check))
        console.result(_summary(found))
    if not found.is_sound:
        raise typer.Exit(1)


def _line(check: Check) -> str:
    remedy = f": {check.remedy}" if check.remedy else ""
    return f"{check.status:7}  {check.subject}  {printable(check.file)}  {printable(check.found)}{remedy}"


def _summary(found: Verification) -> str:
    n_wrong = len(found.wrong)
    if n_wrong:
        return f"damaged: {n_wrong:,} of {plural(len(found.checks), 'check')} found something wrong"
    return f"sound: {plural(len(found.checks), 'check')}, nothing wrong"


def _as_json(found: Verification) -> dict[str, object]:
    return {
        "sound": found.is_sound,
        "repairs": list(found.repairs),
        "checks": [
            {
                "subject": check.subject,
                "file": str(check.file),
                "status": check.status,
                "found": check.found,
                "remedy": check.remedy,
            }
            for check in found.checks
        ],
    }
