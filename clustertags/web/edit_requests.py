"""Request bodies of `POST /api/edits`, and the edits that they stand for in the snapshot that the user sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from clustertags.editing import edits, new_edits
from clustertags.editing.photo_lookup import find_cluster
from clustertags.errors import UsageError
from clustertags.web.snapshot import Snapshot

MOST_PHOTOS = 20_000
CONTENT_HASH = r"^[0-9a-f]{64}$"
_KIND = Field(description="kind of the edit")
Name = Annotated[str, Field(max_length=400)]
NewName = Annotated[str, Field(max_length=400, description="the new name; empty for an automatic one")]
Cluster = Annotated[str, Field(max_length=400, description="a cluster's key, number or name")]
Photo = Annotated[str, Field(pattern=CONTENT_HASH)]
Photos = Annotated[list[Photo], Field(min_length=1, max_length=MOST_PHOTOS, description="content hashes")]
Tags = Annotated[list[Name], Field(min_length=1, max_length=100, description="tags, in any spelling")]
TagsOrNone = Annotated[list[Name], Field(max_length=100, description="tags, in any spelling; none of them where empty")]


class _EditRequest(BaseModel):
    """Base of all edit requests. `edit` makes the edit; it raises `UsageError` where the request names something that
    does not exist, or an edit that is not possible.
    """

    model_config = ConfigDict(extra="forbid")


class RenameRequest(_EditRequest):
    """Rename a cluster; with an empty name it gets its automatic name back."""

    kind: Annotated[Literal["rename"], _KIND]
    cluster: Cluster
    name: NewName = ""

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        return new_edits.rename(snapshot.library, find_cluster(snapshot.library, self.cluster), self.name)


class MergeRequest(_EditRequest):
    """Merge clusters into one; with an empty name it gets an automatic one."""

    kind: Annotated[Literal["merge"], _KIND]
    clusters: Annotated[list[Cluster], Field(min_length=2, max_length=1000, description="the clusters to merge")]
    name: NewName = ""

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        return new_edits.merge(
            snapshot.library, [find_cluster(snapshot.library, text) for text in self.clusters], self.name
        )


class SplitRequest(_EditRequest):
    """Split a cluster by clustering its photos again, into `parts` clusters or as many as are found."""

    kind: Annotated[Literal["split"], _KIND]
    cluster: Cluster
    parts: Annotated[int | None, Field(ge=2, le=100, description="how many clusters; null for as many as fit")] = None

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        return new_edits.split(snapshot.library, find_cluster(snapshot.library, self.cluster), n_parts=self.parts)


class MoveRequest(_EditRequest):
    """Move photos to a cluster; without one, remove them from theirs."""

    kind: Annotated[Literal["move"], _KIND]
    photos: Photos
    cluster: Annotated[Cluster | None, Field(description="the target; null to remove the photos from theirs")] = None

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        target = None if self.cluster is None else find_cluster(snapshot.library, self.cluster)
        return new_edits.move(snapshot.library, find_photos(snapshot, self.photos), target)


class GatherRequest(_EditRequest):
    """Make a new cluster of the photos."""

    kind: Annotated[Literal["gather"], _KIND]
    photos: Photos
    name: NewName = ""

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        return new_edits.gather(snapshot.library, find_photos(snapshot, self.photos), self.name)


class HideRequest(_EditRequest):
    """Hide photos."""

    kind: Annotated[Literal["hide"], _KIND]
    photos: Photos

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        return new_edits.hide_photos(snapshot.library, find_photos(snapshot, self.photos))


class HideClusterRequest(_EditRequest):
    """Hide a cluster, with the photos that a later fit adds to it."""

    kind: Annotated[Literal["hide_cluster"], _KIND]
    cluster: Cluster

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        return new_edits.hide_cluster(snapshot.library, find_cluster(snapshot.library, self.cluster))


class ShowRequest(_EditRequest):
    """Show hidden photos again."""

    kind: Annotated[Literal["show"], _KIND]
    photos: Photos

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        return new_edits.show_photos(snapshot.library, find_photos(snapshot, self.photos))


class TagRequest(_EditRequest):
    """Label photos: `accept` says that they have the tags, `reject` that they do not; `withdraw` revokes either.
    Nothing is said of their other tags.

    With `elsewhere` the photos are not in the library: the labels apply from the next fit of a folder that has them.
    """

    kind: Annotated[Literal["accept", "reject", "withdraw"], _KIND]
    photos: Photos
    tags: Tags
    elsewhere: Annotated[bool, Field(description="whether the photos are not in the library")] = False

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        if (
            self.elsewhere
        ):  # tags are validated with any photo in place of these; the journal names photos by content hash
            return replace(self._of(snapshot, [0]), photos=tuple(self.photos))
        return self._of(snapshot, find_photos(snapshot, self.photos))

    def _of(self, snapshot: Snapshot, photos: list[int]) -> edits.GiveTags | edits.RejectTags | edits.WithdrawTags:
        if self.kind == "accept":
            return new_edits.give_tags(snapshot.library, photos, self.tags)
        if self.kind == "reject":
            return new_edits.reject_tags(snapshot.library, photos, self.tags)
        return new_edits.withdraw_tags(snapshot.library, photos, self.tags)


class CompleteRequest(_EditRequest):
    """Say of photos that the tags given to them are all that they show. Photos without such a tag are left out."""

    kind: Annotated[Literal["complete"], _KIND]
    photos: Photos

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        return new_edits.complete_tags(snapshot.library, find_photos(snapshot, self.photos))


class LabelRequest(_EditRequest):
    """Label photos: all tags of each, replacing those of an earlier request of this kind. An empty list says that the
    photo shows none of the tags.
    """

    kind: Annotated[Literal["answer"], _KIND]
    answers: Annotated[
        dict[Photo, TagsOrNone],
        Field(min_length=1, max_length=MOST_PHOTOS, description="the tags of each photo, by content hash"),
    ]

    def edit(self, snapshot: Snapshot) -> edits.Edit:
        photos = find_photos(snapshot, list(self.answers))
        return new_edits.label_photos(snapshot.library, dict(zip(photos, self.answers.values(), strict=True)))


EditRequest: TypeAlias = Annotated[
    RenameRequest
    | MergeRequest
    | SplitRequest
    | MoveRequest
    | GatherRequest
    | HideRequest
    | HideClusterRequest
    | ShowRequest
    | TagRequest
    | CompleteRequest
    | LabelRequest,
    Field(discriminator="kind"),
]


def find_photos(snapshot: Snapshot, hashes: list[str]) -> list[int]:
    """The photos' indices. Raises `UsageError` naming the first hash that is not in the library."""
    for content_hash in hashes:
        if content_hash not in snapshot.photo_of:
            raise UsageError(f"there is no photo {content_hash[:12]}… in the library")
    return [snapshot.photo_of[content_hash] for content_hash in hashes]
