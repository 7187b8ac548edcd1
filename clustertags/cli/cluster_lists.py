"""Output of `clustertags clusters`: the clusters, the journal, and the result of an edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.browsing.listing import ClusterQuery, ClusterRow
    from clustertags.editing.journal import Entry
    from clustertags.library.model import FittedLibrary
    from clustertags.types import ClusterDescription
    from clustertags.workflows.edit import Change


def print_clusters(artifacts: Path, query: ClusterQuery, *, as_json: bool) -> None:
    """Print the clusters of the query, one a line."""
    from clustertags.browsing.listing import ClusterIndex  # noqa: PLC0415
    from clustertags.browsing.slices import MAX_ITEMS  # noqa: PLC0415
    from clustertags.workflows.edit import load_edited  # noqa: PLC0415

    library = load_edited(artifacts)
    index = ClusterIndex(library)
    rows: list[ClusterRow] = []
    offset: int | None = 0
    while offset is not None:
        part = index.clusters(query, offset=offset, limit=MAX_ITEMS)
        rows += part.items
        offset = part.next_offset
    if as_json:
        shown = {"unclustered": library.n_unclustered, "hidden": len(library.hidden)}
        console.result(json.dumps({"clusters": [_row_json(library, row) for row in rows], **shown}))
        return
    for row in rows:
        tags = ", ".join(printable(name, 30) for name, _ in library.descriptions[row.cluster].tags[:4])
        sure = "    " if row.sureness is None else f"{row.sureness:.2f}"
        console.result(f"{row.cluster:4d}  {row.n_photos:7,d}  {sure}  {printable(row.name, 40):40s}  {tags}".rstrip())
    hidden = f", {len(library.hidden):,} hidden" if len(library.hidden) else ""
    console.notice(f"{plural(len(rows), 'cluster')}; {library.n_unclustered:,} photos unclustered{hidden}")


def print_log(artifacts: Path, *, as_json: bool) -> None:
    """Print every edit, the last one first, and the edits that could not be applied."""
    from clustertags.workflows.edit import Editor  # noqa: PLC0415

    editor = Editor(artifacts)
    entries = sorted(editor.journal.entries, key=lambda entry: -entry.number)
    if as_json:
        shown = {"edits": [_entry_json(entry) for entry in entries], "notices": list(editor.library.edit_notices)}
        console.result(json.dumps({**shown, "learnt": editor.is_published}))
        return
    for entry in entries:
        state = "" if entry.state == "applied" else f"  ({entry.state})"
        console.result(f"{entry.number:5d}  {entry.made_at[:16]}  {_entry_json(entry)['did']}{state}")
    if not entries:
        console.notice("no edit has been made yet")
    for notice in editor.library.edit_notices:
        console.notice(f"note: {notice}")
    if not editor.is_published:
        console.notice("the model does not contain the last edits yet: the next edit, `undo`, `redo` or fit adds them")


def print_change(change: Change, version: str, artifacts: Path, *, as_json: bool) -> None:
    """Print an edit, the counts of the library, and the command that undoes it."""
    back = "redo" if change.is_undo else "undo"
    library = change.library
    if as_json:
        shown = {"clusters": library.clusters.n_clusters, "unclustered": library.n_unclustered}
        done = {"did": change.sentence, "version": version, **shown, "notices": list(change.notices)}
        console.result(json.dumps({"edit": change.entry.number, **done}))
        return
    console.result(change.sentence)
    for notice in change.notices:
        console.notice(f"note: {notice}")
    console.result(
        f"{plural(library.clusters.n_clusters, 'cluster')}, {library.n_unclustered:,} photos unclustered; "
        f"model {version} in {printable(artifacts)}"
    )
    option = "" if artifacts == DEFAULT_ARTIFACTS else f" --artifacts {printable(artifacts)}"
    console.notice(f"to undo it: clustertags clusters {back}{option}")


def _row_json(library: FittedLibrary, row: ClusterRow) -> dict[str, Any]:
    """The keys are a stable interface."""
    description = library.descriptions[row.cluster]
    return {
        "id": row.cluster,
        "key": row.key,
        "name": row.name,
        "named_by": description.source,
        "photos": row.n_photos,
        "labelled": row.n_labelled,
        "stability": round(row.stability, 6),
        "sureness": row.sureness,
        "tags": _tags_json(description),
    }


def _tags_json(description: ClusterDescription) -> list[dict[str, Any]]:
    tags: list[dict[str, Any]] = [{"tag": tag, "share": round(share, 6)} for tag, share in description.tags]
    for item, share in zip(tags, description.expected, strict=False):
        item["expected"] = round(share, 6)
    return tags


def _entry_json(entry: Entry) -> dict[str, Any]:
    from clustertags.editing.edits import kind_of  # noqa: PLC0415
    from clustertags.editing.sentences import describe_edit  # noqa: PLC0415

    return {
        "edit": entry.number,
        "at": entry.made_at,
        "kind": kind_of(entry.edit),
        "did": describe_edit(entry.edit),
        "state": entry.state,
    }
