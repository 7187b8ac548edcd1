"""Edits as a page sends them, made from what the person looks at, and what comes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from clustertags.editing import edits
from clustertags.editing import new_edits as making
from clustertags.editing.photo_lookup import find_cluster
from clustertags.editing.sentences import describe_edit
from clustertags.errors import UsageError
from clustertags.types import UNCLUSTERED
from clustertags.web.views import View
from clustertags.workflows.edit import Change, Editor

MOST_PHOTOS = 20_000
CONTENT_HASH = r"^[0-9a-f]{64}$"
Name = Annotated[str, Field(max_length=400)]
Cluster = Annotated[str, Field(max_length=400, description="a cluster's key, number or name")]
Photo = Annotated[str, Field(pattern=CONTENT_HASH)]
Photos = Annotated[list[Photo], Field(min_length=1, max_length=MOST_PHOTOS, description="content hashes")]
Tags = Annotated[list[Name], Field(min_length=1, max_length=100)]


class _Wish(BaseModel):
    """`edit` raises `UsageError` where the wish names what is not there, or cannot be."""

    model_config = ConfigDict(extra="forbid")


class RenameWish(_Wish):
    """Without a name the cluster gets its own back."""

    kind: Literal["rename"]
    cluster: Cluster
    name: Name = ""

    def edit(self, view: View) -> edits.Edit:
        return making.rename(view.library, find_cluster(view.library, self.cluster), self.name)


class MergeWish(_Wish):
    kind: Literal["merge"]
    clusters: Annotated[list[Cluster], Field(min_length=2, max_length=1000)]
    name: Name = ""

    def edit(self, view: View) -> edits.Edit:
        return making.merge(view.library, [find_cluster(view.library, text) for text in self.clusters], self.name)


class SplitWish(_Wish):
    kind: Literal["split"]
    cluster: Cluster
    parts: Annotated[int | None, Field(ge=2, le=100)] = None

    def edit(self, view: View) -> edits.Edit:
        return making.split(view.library, find_cluster(view.library, self.cluster), n_parts=self.parts)


class MoveWish(_Wish):
    """Without a cluster the photos are taken out of theirs."""

    kind: Literal["move"]
    photos: Photos
    cluster: Cluster | None = None

    def edit(self, view: View) -> edits.Edit:
        target = None if self.cluster is None else find_cluster(view.library, self.cluster)
        return making.move(view.library, find_all(view, self.photos), target)


class GatherWish(_Wish):
    """The photos become a cluster of their own."""

    kind: Literal["gather"]
    photos: Photos
    name: Name = ""

    def edit(self, view: View) -> edits.Edit:
        return making.gather(view.library, find_all(view, self.photos), self.name)


class HideWish(_Wish):
    """Photos are not wanted."""

    kind: Literal["hide"]
    photos: Photos

    def edit(self, view: View) -> edits.Edit:
        return making.hide_photos(view.library, find_all(view, self.photos))


class HideClusterWish(_Wish):
    """A cluster is not wanted, nor what a refit adds to it."""

    kind: Literal["hide_cluster"]
    cluster: Cluster

    def edit(self, view: View) -> edits.Edit:
        return making.hide_cluster(view.library, find_cluster(view.library, self.cluster))


class ShowWish(_Wish):
    """Photos are wanted again."""

    kind: Literal["show"]
    photos: Photos

    def edit(self, view: View) -> edits.Edit:
        return making.show_photos(view.library, find_all(view, self.photos))


class TagsWish(_Wish):
    """`accept`: the photos carry the tags; `reject`: they do not; `withdraw`: nothing is said of them. With `elsewhere`
    the photos are not in the library: it counts from the next fit of a folder that holds them.
    """

    kind: Literal["accept", "reject", "withdraw"]
    photos: Photos
    tags: Tags
    elsewhere: bool = False

    def edit(self, view: View) -> edits.Edit:
        if self.elsewhere:  # the tags are judged as for any photo; which photo, the journal knows by its content alone
            return replace(self._of(view, [0]), photos=tuple(self.photos))
        return self._of(view, find_all(view, self.photos))

    def _of(self, view: View, photos: list[int]) -> edits.GiveTags | edits.RejectTags | edits.WithdrawTags:
        if self.kind == "accept":
            return making.give_tags(view.library, photos, self.tags)
        if self.kind == "reject":
            return making.reject_tags(view.library, photos, self.tags)
        return making.withdraw_tags(view.library, photos, self.tags)


class AnswerWish(_Wish):
    """Answers to suggestions: each photo's tags, in place of what an earlier answer gave it."""

    kind: Literal["answer"]
    answers: Annotated[dict[Photo, Tags], Field(min_length=1, max_length=1000)]

    def edit(self, view: View) -> edits.Edit:
        photos = find_all(view, list(self.answers))
        return making.label_photos(view.library, dict(zip(photos, self.answers.values(), strict=True)))


Wish: TypeAlias = Annotated[
    RenameWish
    | MergeWish
    | SplitWish
    | MoveWish
    | GatherWish
    | HideWish
    | HideClusterWish
    | ShowWish
    | TagsWish
    | AnswerWish,
    Field(discriminator="kind"),
]


def find_all(view: View, hashes: list[str]) -> list[int]:
    """The photos' indices. Raises `UsageError` naming the first that is not there."""
    for content_hash in hashes:
        if content_hash not in view.photo_of:
            raise UsageError(f"there is no photo {content_hash[:12]}… in the library")
    return [view.photo_of[content_hash] for content_hash in hashes]


class ClusterLink(BaseModel):
    key: str
    name: str
    href: str
    n_photos: int


class Done(BaseModel):
    """What an edit, an undo or a redo did: a sentence, the last row of the journal, what can be taken back and brought
    back now, and the clusters in which the photos that it named are found.
    """

    sentence: str
    number: int
    notices: list[str]
    undo: str | None
    redo: str | None
    clusters: list[ClusterLink]


def done(change: Change, editor: Editor, view: View, before: View) -> Done:
    """`before` is what the person looked at."""
    touched = _touched(change.entry.edit, before)
    labels = view.library.clusters.labels
    where = dict.fromkeys(int(labels[view.photo_of[item]]) for item in touched if item in view.photo_of)
    return Done(
        sentence=change.sentence,
        number=editor.journal.last,
        notices=list(change.notices),
        **undoable(editor),
        clusters=[cluster_link(view, cluster) for cluster in where if cluster != UNCLUSTERED],
    )


def undoable(editor: Editor) -> dict[str, Any]:
    """What `undo` and `redo` would do, in words."""
    journal = editor.journal
    return {
        "undo": describe_edit(journal.to_undo.edit) if journal.to_undo else None,
        "redo": describe_edit(journal.to_redo.edit) if journal.to_redo else None,
    }


def cluster_link(view: View, cluster: int) -> ClusterLink:
    return ClusterLink(
        key=view.library.cluster_keys[cluster],
        name=view.cluster_name(cluster),
        href=f"/{view.cluster_href(cluster)}",
        n_photos=int(view.library.cluster_sizes()[cluster]),
    )


def _touched(edit: edits.Edit, before: View) -> list[str]:
    """One photo of each part of what the edit names."""
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
