"""`clustertags clusters`: list and edit clusters, undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption, SeedOption
from clustertags.errors import UsageError

if TYPE_CHECKING:
    from clustertags.editing.edits import Edit
    from clustertags.library.model import FittedLibrary
    from clustertags.workflows.edit import Change, Editor

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})

ClusterArgument = Annotated[str, typer.Argument(metavar="CLUSTER", help="Its number, its name or its key.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print it as one JSON object.")]


@app.callback()
def clusters() -> None:
    """List the clusters and correct them. Every edit is kept, survives a later `fit`, and can be undone.

    \b
    clustertags clusters list
    clustertags clusters rename 3 "Beach 2024"
    clustertags clusters undo
    """


@app.command("list")
def list_clusters(
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    order: Annotated[
        Literal["size", "name", "sure", "unsure", "steady", "unlabelled"], typer.Option(help="What comes first.")
    ] = "size",
    tag: Annotated[str, typer.Option(metavar="TAG", help="Only clusters with this tag.")] = "",
    text: Annotated[str, typer.Option(metavar="TEXT", help="Only clusters with this in their name or a tag.")] = "",
    unlabelled: Annotated[bool, typer.Option("--unlabelled", help="Only clusters without a labelled photo.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the clusters: number, photos, how sure their tags are, name and tags.

    \b
    clustertags clusters list
    clustertags clusters list --order unlabelled --json
    """
    from clustertags.browsing.listing import ClusterQuery  # noqa: PLC0415
    from clustertags.cli.cluster_lists import print_clusters  # noqa: PLC0415

    print_clusters(artifacts, ClusterQuery(order, text, tag, unlabelled), as_json=as_json)


@app.command()
def rename(
    cluster: ClusterArgument,
    name: Annotated[str, typer.Argument(help="The new name; an empty one restores the automatic name.")],
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    as_json: JsonOption = False,
) -> None:
    """Name a cluster.

    \b
    clustertags clusters rename 3 "Beach 2024"
    clustertags clusters rename "Beach 2024" ""
    """
    from clustertags.editing import new_edits  # noqa: PLC0415

    _edit(artifacts, as_json, lambda library: new_edits.rename(library, _cluster(library, cluster), name))


@app.command()
def merge(
    clusters_to_merge: Annotated[list[str], typer.Argument(metavar="CLUSTER...", help="Two or more, the first stays.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="The name of the merged cluster.")] = "",
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    as_json: JsonOption = False,
) -> None:
    """Merge several clusters into one.

    \b
    clustertags clusters merge 3 7 12 --name Beach
    """
    from clustertags.editing import new_edits  # noqa: PLC0415

    _edit(
        artifacts,
        as_json,
        lambda library: new_edits.merge(library, [_cluster(library, text) for text in clusters_to_merge], name),
    )


@app.command()
def split(
    cluster: ClusterArgument,
    parts: Annotated[
        int | None, typer.Option(metavar="N", help="Number of parts; chosen by the clustering without it.")
    ] = None,
    seed: SeedOption = 0,
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    as_json: JsonOption = False,
) -> None:
    """Split a cluster by clustering its photos alone.

    \b
    clustertags clusters split 3
    clustertags clusters split 3 --parts 2
    """
    from clustertags.editing import new_edits  # noqa: PLC0415

    _edit(
        artifacts,
        as_json,
        lambda library: new_edits.split(library, _cluster(library, cluster), n_parts=parts, seed=seed),
    )


@app.command()
def move(
    photos: Annotated[list[str], typer.Argument(metavar="PHOTO...", help="Paths in the library's folder.")],
    to: Annotated[str | None, typer.Option(metavar="CLUSTER", help="Where they go.")] = None,
    out: Annotated[bool, typer.Option("--out", help="To no cluster at all.")] = False,
    new: Annotated[str | None, typer.Option(metavar="NAME", help="To a new cluster of this name.")] = None,
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    as_json: JsonOption = False,
) -> None:
    """Move photos to a cluster, to a new one, or to none.

    \b
    clustertags clusters move a.jpg b.jpg --to 3
    clustertags clusters move a.jpg b.jpg --new "Rex"
    clustertags clusters move a.jpg --out
    """
    from clustertags.editing import new_edits  # noqa: PLC0415
    from clustertags.editing.photo_lookup import find_photos  # noqa: PLC0415

    if (to is not None) + out + (new is not None) != 1:
        raise UsageError("name where the photos go: one of --to CLUSTER, --new NAME and --out")

    def make(library: FittedLibrary) -> Edit:
        chosen = find_photos(library, photos)
        if new is not None:
            return new_edits.gather(library, chosen, new)
        return new_edits.move(library, chosen, None if to is None else _cluster(library, to))

    _edit(artifacts, as_json, make)


@app.command()
def hide(
    what: Annotated[list[str], typer.Argument(metavar="CLUSTER|PHOTO...", help="A cluster; with --photos, paths.")],
    photos: Annotated[bool, typer.Option("--photos", help="The arguments are photos, not a cluster.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Show these hidden photos again.")] = False,
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    as_json: JsonOption = False,
) -> None:
    """Hide a cluster, or photos: they are in no list, have no tags, and nothing is learnt from them.

    \b
    clustertags clusters hide 3
    clustertags clusters hide --photos a.jpg b.jpg
    clustertags clusters hide --show a.jpg
    """
    from clustertags.editing import new_edits  # noqa: PLC0415
    from clustertags.editing.photo_lookup import find_photos  # noqa: PLC0415

    if not photos and not show and len(what) != 1:
        raise UsageError("name one cluster at a time, or photos with --photos")

    def make(library: FittedLibrary) -> Edit:
        if show:
            return new_edits.show_photos(library, find_photos(library, what))
        if photos:
            return new_edits.hide_photos(library, find_photos(library, what))
        return new_edits.hide_cluster(library, _cluster(library, what[0]))

    _edit(artifacts, as_json, make)


@app.command()
def undo(artifacts: ArtifactsOption = DEFAULT_ARTIFACTS, as_json: JsonOption = False) -> None:
    """Undo the last edit; again, the one before it.

    \b
    clustertags clusters undo
    """
    _change(artifacts, as_json, lambda editor: editor.undo())


@app.command()
def redo(artifacts: ArtifactsOption = DEFAULT_ARTIFACTS, as_json: JsonOption = False) -> None:
    """Redo the edit that was undone last.

    \b
    clustertags clusters redo
    """
    _change(artifacts, as_json, lambda editor: editor.redo())


@app.command()
def log(artifacts: ArtifactsOption = DEFAULT_ARTIFACTS, as_json: JsonOption = False) -> None:
    """List every edit, the last one first.

    \b
    clustertags clusters log
    """
    from clustertags.cli.cluster_lists import print_log  # noqa: PLC0415

    print_log(artifacts, as_json=as_json)


def _cluster(library: FittedLibrary, text: str) -> int:
    from clustertags.editing.photo_lookup import find_cluster  # noqa: PLC0415

    return find_cluster(library, text)


def _edit(artifacts: Path, as_json: bool, make: Callable[[FittedLibrary], Edit]) -> None:
    _change(artifacts, as_json, lambda editor: editor.do(make(editor.library)))


def _change(artifacts: Path, as_json: bool, action: Callable[[Editor], Change]) -> None:
    from clustertags.cli.cluster_lists import print_change  # noqa: PLC0415
    from clustertags.workflows.edit import Editor  # noqa: PLC0415

    editor = Editor(artifacts)
    with console.progress() as progress:
        change = editor.commit(action, progress)
    print_change(change, editor.version.name, artifacts, as_json=as_json)
