"""Edits, undo and redo, and the learning that follows them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from clustertags.editing.edits import kind_of
from clustertags.editing.sentences import describe_edit
from clustertags.web.edits import Done, Wish, done, undoable
from clustertags.web.routes.operation import Responses
from clustertags.web.services import Services, ServicesOf, ViewOf
from clustertags.web.views import View
from clustertags.workflows.edit import Change

router = APIRouter(tags=["edits"])
_REFUSALS: Responses = {
    400: {"description": "It names what is not there, or cannot be: `detail` says what."},
    409: {"description": "Another process is writing."},
}


@router.post("/api/edits", responses=_REFUSALS)
def edit(wish: Wish, services: ServicesOf, view: ViewOf) -> Done:
    """Rename, merge, split, move, gather, hide or show; accept, reject or withdraw tags; answer suggestions."""
    return _after(services, services.shelf.editor.do(wish.edit(view)), view)


@router.post("/api/undo", responses=_REFUSALS)
def undo(services: ServicesOf, view: ViewOf) -> Done:
    """Take the last edit back."""
    return _after(services, services.shelf.editor.undo(), view)


@router.post("/api/redo", responses=_REFUSALS)
def redo(services: ServicesOf, view: ViewOf) -> Done:
    """Bring the edit that was undone last back."""
    return _after(services, services.shelf.editor.redo(), view)


@router.get("/api/edits")
def journal(services: ServicesOf, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> dict[str, Any]:
    """The last edits, newest first, with their state: applied, undone or dropped."""
    editor = services.shelf.editor
    entries = [
        {
            "number": entry.number,
            "made_at": entry.made_at,
            "kind": kind_of(entry.edit),
            "sentence": describe_edit(entry.edit),
            "state": entry.state,
        }
        for entry in reversed(editor.journal.entries[-limit:])
    ]
    return {"entries": entries, **undoable(editor)}


@router.get("/api/learning")
async def learning(services: ServicesOf) -> dict[str, Any]:
    """Whether edits are being learnt, how far it is, and what the last learning changed."""
    return {**services.learner.state.to_json(), **undoable(services.shelf.editor)}


def _after(services: Services, change: Change, before: View) -> Done:
    services.learner.wish()
    return done(change, services.shelf.editor, services.shelf.view(), before)
