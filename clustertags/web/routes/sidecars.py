"""XMP sidecars: show what would be written, write, undo."""

from __future__ import annotations

from fastapi import APIRouter

from clustertags.export.records import ExportOptions
from clustertags.web.schemas.errors import API, LIBRARY, error_responses
from clustertags.web.schemas.sidecars import SidecarDifference, SidecarLeft, SidecarOrder, SidecarStatus
from clustertags.web.services import ServicesDep
from clustertags.web.sidecar_job import SHOWN, SidecarRequest, SidecarState

router = APIRouter(tags=["export"])


@router.get("/api/sidecars", responses=error_responses(*API))
async def sidecars(services: ServicesDep) -> SidecarStatus:
    """Report the progress of the last job about sidecars and, once it is ready, what came of it."""
    return _status(services.sidecars.state)


@router.post("/api/sidecars", status_code=202, responses=error_responses(*LIBRARY, 400, 408, 413, 422))
def start(order: SidecarOrder, services: ServicesDep) -> SidecarStatus:
    """Start to write, show or undo XMP sidecars; poll `GET /api/sidecars` until it is ready."""
    options = ExportOptions(order.tags != "predicted", order.tags != "mine", order.precision, order.under)
    return _status(services.sidecars.start(SidecarRequest(order.action, order.dry_run, options, order.name)))


def _status(state: SidecarState) -> SidecarStatus:
    outcomes = state.report.outcomes if state.report else ()
    left = state.report.refused if state.report else ()

    def count(*actions: str) -> int:
        return sum(outcome.action in actions for outcome in outcomes)

    return SidecarStatus(
        phase=state.phase,
        action=state.request.action,
        dry_run=state.request.dry_run,
        done=state.done,
        total=state.total,
        error=state.error,
        created=count("created"),
        changed=count("changed", "undone"),
        removed=count("removed"),
        unchanged=count("unchanged"),
        left=[SidecarLeft(sidecar=item.sidecar, reason=item.reason) for item in left[:SHOWN]],
        n_left=len(left),
        shown=[SidecarDifference(sidecar=item.sidecar, difference=item.difference) for item in state.shown],
    )
