"""Edits, undo and redo, and the state of the learning that follows an edit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from clustertags.editing.edits import kind_of
from clustertags.editing.sentences import describe_edit
from clustertags.web.edit_requests import EditRequest
from clustertags.web.edit_results import edit_result, undo_and_redo
from clustertags.web.schemas.edits import EditJournal, EditResult, JournalEntry, LearningStatus
from clustertags.web.schemas.errors import API, LIBRARY, error_responses
from clustertags.web.services import Services, ServicesDep, SnapshotDep
from clustertags.web.snapshot import Snapshot
from clustertags.workflows.edit import Change

router = APIRouter(tags=["edits"])


@router.post("/api/edits", responses=error_responses(*LIBRARY, 400, 408, 413, 422))
def edit(request: EditRequest, services: ServicesDep, snapshot: SnapshotDep) -> EditResult:
    """Apply an edit: rename, merge, split, move, gather, hide or show; accept, reject or withdraw tags; label;
    say that a photo's tags are all.
    """
    return _learn_from(services, services.library_state.editor.do(request.edit(snapshot)), snapshot)


@router.post("/api/undo", responses=error_responses(*LIBRARY, 400, 413))
def undo(services: ServicesDep, snapshot: SnapshotDep) -> EditResult:
    """Revert the last edit."""
    return _learn_from(services, services.library_state.editor.undo(), snapshot)


@router.post("/api/redo", responses=error_responses(*LIBRARY, 400, 413))
def redo(services: ServicesDep, snapshot: SnapshotDep) -> EditResult:
    """Apply the edit that was undone last again."""
    return _learn_from(services, services.library_state.editor.redo(), snapshot)


@router.get("/api/edits", responses=error_responses(*API, 422))
def journal(services: ServicesDep, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> EditJournal:
    """List the last edits, newest first, with their state: applied, undone or dropped."""
    editor = services.library_state.editor
    entries = [
        JournalEntry(
            number=entry.number,
            made_at=entry.made_at,
            kind=kind_of(entry.edit),
            sentence=describe_edit(entry.edit),
            state=entry.state,
        )
        for entry in reversed(editor.journal.entries[-limit:])
    ]
    return EditJournal(entries=entries, **undo_and_redo(editor))


@router.get("/api/learning", responses=error_responses(*API))
async def learning(services: ServicesDep) -> LearningStatus:
    """Report whether edits are being learnt, the progress, and what the last learning changed."""
    return LearningStatus(**asdict(services.learner.state), **undo_and_redo(services.library_state.editor))


def _learn_from(services: Services, change: Change, before: Snapshot) -> EditResult:
    services.learner.request_learning()
    return edit_result(change, services.library_state.editor, services.library_state.snapshot(), before)
