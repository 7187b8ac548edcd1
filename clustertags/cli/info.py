"""`clustertags info`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from clustertags.cli import console
from clustertags.cli.add_summary import added_line
from clustertags.cli.fit_summary import unnamed_summary
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.clustering.settings import DEFAULT_LAYOUT
from clustertags.errors import UsageError
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.library.model import FittedLibrary
    from clustertags.names.group_names import ClusterGroup


def info(
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one JSON object.")] = False,
    skipped: Annotated[bool, typer.Option("--skipped", help="List every skipped file with its reason.")] = False,
    level: Annotated[
        int, typer.Option("--level", min=0, help="Show groups of clusters: 1, or 2 for still broader ones.")
    ] = 0,
) -> None:
    """Show the fitted library: the version, its photos, clusters and tags.

    \b
    clustertags info
    clustertags info --skipped
    clustertags info --level 1
    clustertags info --json
    """
    from clustertags.library.artifacts import Artifacts  # noqa: PLC0415
    from clustertags.library.saving import load_library  # noqa: PLC0415
    from clustertags.names.group_names import cluster_groups  # noqa: PLC0415
    from clustertags.workflows.added_photos import added_photos  # noqa: PLC0415

    version = Artifacts(artifacts).current()
    library = load_library(version)
    levels = cluster_groups(library.clusters, library.descriptions)
    _check_level(level, len(levels))
    if as_json:
        clusters = [
            {"id": index, "name": item.name, "photos": int(size), "labelled": item.n_labelled, "tags": dict(item.tags)}
            for index, (item, size) in enumerate(zip(library.descriptions, library.cluster_sizes(), strict=True))
        ]
        files = [{"path": file.path, "reason": file.reason, "is_photo": file.is_photo} for file in library.skipped]
        shown = {"root": str(library.root), "clusters": clusters, "levels": _levels_json(levels), "skipped": files}
        console.result(json.dumps({**version.manifest, **shown, "unnamed": _unnamed_json(library)}))
        return
    manifest = version.manifest
    counts = manifest["counts"]
    console.result(f"model {version.name} of {printable(library.root)}, fitted {manifest['created']}")
    layout = library.settings.get("layout", DEFAULT_LAYOUT)  # none was saved while there was no choice
    console.result(
        f"written by {printable(manifest['program'])} with {printable(manifest['backbone']['name'])}, "
        f"layout {printable(str(layout))}"
    )
    console.result(
        f"{plural(counts['photos'], 'photo')} of {plural(counts['files'], 'file')}, {counts['skipped']:,} skipped, "
        f"{plural(counts['clusters'], 'cluster')}, {counts['unclustered']:,} photos unclustered"
    )
    if library.n_added:
        console.result(added_line(added_photos(library)))
    console.result(f"{plural(counts['tags'], 'tag')} from {plural(counts['labelled'], 'labelled photo')}")
    if counts["labelled"]:
        for text in unnamed_summary(library):
            console.result(text)
    if level:
        _print_groups(levels[level - 1], library)
    else:
        sizes = library.cluster_sizes()
        for cluster in range(len(sizes)):
            _print_cluster(cluster, library, int(sizes[cluster]))
    for file in library.skipped if skipped else ():
        console.result(f"  skipped  {printable(file.path)}: {printable(file.reason)}")


def _check_level(level: int, n_levels: int) -> None:
    if level <= n_levels:
        return
    if n_levels == 0:
        raise UsageError(f"there is no level {level}: fewer than 6 clusters are not grouped; omit --level")
    known = plural(n_levels, "level")
    raise UsageError(f"there is no level {level}: there are {known} above the clusters; give 0 to {n_levels}")


def _levels_json(levels: tuple[tuple[ClusterGroup, ...], ...]) -> list[list[dict[str, object]]]:
    return [
        [
            {"id": index, "name": group.name, "photos": group.n_photos, "clusters": list(group.clusters)}
            for index, group in enumerate(groups)
        ]
        for groups in levels
    ]


def _unnamed_json(library: FittedLibrary) -> list[dict[str, object]]:
    from clustertags.browsing.unnamed_kinds import unnamed_clusters  # noqa: PLC0415

    return [
        {"id": item.cluster, "name": item.name, "photos": item.n_photos, "share": round(item.share, 4)}
        for item in unnamed_clusters(library)
    ]


def _print_groups(groups: tuple[ClusterGroup, ...], library: FittedLibrary) -> None:
    sizes = library.cluster_sizes()
    for group in groups:
        size = f"{plural(group.n_photos, 'photo')} in {plural(len(group.clusters), 'cluster')}"
        console.result(f"{printable(group.name, 60)}: {size}")
        for cluster in group.clusters:
            _print_cluster(cluster, library, int(sizes[cluster]))


def _print_cluster(cluster: int, library: FittedLibrary, size: int) -> None:
    item = library.descriptions[cluster]
    tags = ", ".join(f"{printable(tag, 30)} {share:.2f}" for tag, share in item.tags[:4])
    console.result(f"  {cluster:4d}  {size:6,d}  {printable(item.name, 40):40s}  {tags}")
