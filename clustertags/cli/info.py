"""`clustertags info`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from clustertags.cli import console
from clustertags.cli.console import plural
from clustertags.cli.parameters import ArtifactsOption
from clustertags.printable import printable


def info(
    artifacts: ArtifactsOption = Path("artifacts"),
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one JSON object.")] = False,
    skipped: Annotated[bool, typer.Option("--skipped", help="List every skipped file with its reason.")] = False,
) -> None:
    """Show what is fitted: the version, its photos, clusters and tags.

    \b
    clustertags info
    clustertags info --skipped
    clustertags info --json
    """
    from clustertags.library.artifacts import Artifacts  # noqa: PLC0415
    from clustertags.library.saving import load_library  # noqa: PLC0415

    version = Artifacts(artifacts).current()
    library = load_library(version)
    if as_json:
        clusters = [
            {"id": index, "name": item.name, "photos": int(size), "labelled": item.n_labelled, "tags": dict(item.tags)}
            for index, (item, size) in enumerate(zip(library.descriptions, library.cluster_sizes(), strict=True))
        ]
        files = [{"path": file.path, "reason": file.reason, "is_photo": file.is_photo} for file in library.skipped]
        console.result(
            json.dumps({**version.manifest, "root": str(library.root), "clusters": clusters, "skipped": files})
        )
        return
    manifest = version.manifest
    counts = manifest["counts"]
    console.result(f"model {version.name} of {printable(library.root)}, fitted {manifest['created']}")
    console.result(f"written by {printable(manifest['program'])} with {printable(manifest['backbone']['name'])}")
    console.result(
        f"{plural(counts['photos'], 'photo')} of {plural(counts['files'], 'file')}, {counts['skipped']:,} skipped, "
        f"{plural(counts['clusters'], 'cluster')}, {counts['unclustered']:,} photos unclustered"
    )
    console.result(f"{plural(counts['tags'], 'tag')} from {plural(counts['labelled'], 'labelled photo')}")
    for index, (item, size) in enumerate(zip(library.descriptions, library.cluster_sizes(), strict=True)):
        tags = ", ".join(f"{printable(tag, 30)} {share:.2f}" for tag, share in item.tags[:4])
        console.result(f"  {index:4d}  {size:6,d}  {printable(item.name, 40):40s}  {tags}")
    for file in library.skipped if skipped else ():
        console.result(f"  skipped  {printable(file.path)}: {printable(file.reason)}")
