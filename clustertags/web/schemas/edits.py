"""Response models of edits, of the edit journal, and of the learning that follows an edit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clustertags.web.schemas.base import Count, ResponseModel

_UNDO = "the edit that an undo would revert, in words; null where there is none"
_REDO = "the edit that a redo would apply again, in words; null where there is none"


class ClusterLink(ResponseModel):
    """A cluster that an edit changed or made."""

    key: str = Field(description="identifier of the cluster, kept over edits")
    name: str = Field(description="name of the cluster")
    href: str = Field(description="URL path of the cluster's page")
    n_photos: Count = Field(description="photos in the cluster after the edit")


class EditResult(ResponseModel):
    """Response of an edit, an undo or a redo."""

    sentence: str = Field(description="what was done, in words")
    number: Count = Field(description="number of the last row of the edit journal")
    notices: list[str] = Field(description="edits that could not be applied in full, one sentence each")
    undo: str | None = Field(description=_UNDO)
    redo: str | None = Field(description=_REDO)
    clusters: list[ClusterLink] = Field(description="the clusters that now hold the photos of the edit")


class JournalEntry(ResponseModel):
    """One edit of the journal."""

    number: Count = Field(description="number of its row; undo and redo have rows of their own, so numbers have gaps")
    made_at: str = Field(description="ISO 8601 time in UTC")
    kind: str = Field(description="kind of the edit, such as `Merge`")
    sentence: str = Field(description="what was done, in words")
    state: Literal["applied", "undone", "dropped"] = Field(
        description="`undone` edits can be redone; `dropped` ones were undone before a later edit"
    )


class EditJournal(ResponseModel):
    """Response of `GET /api/edits`."""

    entries: list[JournalEntry] = Field(description="the last edits, newest first")
    undo: str | None = Field(description=_UNDO)
    redo: str | None = Field(description=_REDO)


class LearningEffect(ResponseModel):
    """What the last learning changed."""

    n_changed: Count = Field(description="photos whose best tag is another one now")
    n_sure_before: Count = Field(description="photos that had a predicted tag before, with a score of 0.5 or more")
    n_sure: Count = Field(description="photos that have a predicted tag now, with a score of 0.5 or more")
    n_labelled_before: Count = Field(description="photos that the user had tagged before")
    n_labelled: Count = Field(description="photos that the user has tagged now")
    n_tags: Count = Field(description="tags in the vocabulary")
    n_photos: Count = Field(description="photos in the library")
    seconds: float = Field(description="how long it took")


class LearningStatus(ResponseModel):
    """Response of `GET /api/learning`."""

    phase: Literal["idle", "learning", "failed"] = Field(description="what the background thread is doing")
    step: str = Field(description="the step in progress, or what it waits for")
    done: Count = Field(description="completed part of the step")
    total: Count = Field(description="size of the step; 0 where it is not known")
    error: str = Field(description="why the last learning failed; empty where it did not")
    rounds: Count = Field(description="completed learnings since the server was started")
    learnt: Count = Field(description="the last row of the edit journal that has been learnt")
    gain: LearningEffect | None = Field(description="effect of the last learning; null before the first")
    undo: str | None = Field(description=_UNDO)
    redo: str | None = Field(description=_REDO)
