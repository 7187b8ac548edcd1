"""The response to an edit, built from what the editor changed."""

from __future__ import annotations

from typing import Any

from clustertags.editing import edits
from clustertags.editing.sentences import describe_edit
from clustertags.types import UNCLUSTERED
from clustertags.web.schemas.edits import ClusterLink, EditResult
from clustertags.web.snapshot import Snapshot
from clustertags.workflows.edit import Change, Editor


def edit_result(change: Change, editor: Editor, snapshot: Snapshot, before: Snapshot) -> EditResult:
    """The response to `change`; `before` is the snapshot that the user saw, `snapshot` the one after the edit."""
    hashes = _hashes_of(change.entry.edit, before)
    labels = snapshot.library.clusters.labels
    found = dict.fromkeys(int(labels[snapshot.photo_of[item]]) for item in hashes if item in snapshot.photo_of)
    return EditResult(
        sentence=change.sentence,
        number=editor.journal.last,
        notices=list(change.notices),
        **undo_and_redo(editor),
        clusters=[cluster_link(snapshot, cluster) for cluster in found if cluster != UNCLUSTERED],
    )


def undo_and_redo(editor: Editor) -> dict[str, Any]:
    """The edits that `undo` would revert and `redo` would apply, in words, as keys of a response model."""
    journal = editor.journal
    return {
        "undo": describe_edit(journal.to_undo.edit) if journal.to_undo else None,
        "redo": describe_edit(journal.to_redo.edit) if journal.to_redo else None,
    }


def cluster_link(snapshot: Snapshot, cluster: int) -> ClusterLink:
    return ClusterLink(
        key=snapshot.library.cluster_keys[cluster],
        name=snapshot.cluster_name(cluster),
        href=f"/{snapshot.cluster_href(cluster)}",
        n_photos=int(snapshot.library.cluster_sizes()[cluster]),
    )


def _hashes_of(edit: edits.Edit, before: Snapshot) -> list[str]:
    """Content hashes of photos that lead to the clusters of an edit: one per part where it names photos, all members
    where it names clusters.
    """
    match edit:
        case edits.Split(_, parts):
            return [part[0] for part in parts if part]
        case edits.Move(photos) | edits.Gather(photos) | edits.Hide(photos) | edits.Show(photos):
            return list(photos[:1])
        case edits.Rename(cluster):
            anchors = [cluster]
        case edits.Merge(clusters):
            anchors = list(clusters)
        case _:
            return []
    starts = tuple(anchor.sketch[0] for anchor in anchors if anchor.sketch)
    return [photo.content_hash for photo in before.library.photos if photo.content_hash.startswith(starts)]
