"""The page Report: the evaluation of the tags, and the reach of each tag."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Response

from clustertags.browsing.tag_reach import tag_reach
from clustertags.evaluation import plots
from clustertags.pages.cards import percent
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.web.rendering import page
from clustertags.web.schemas.errors import API, LIBRARY, error_responses
from clustertags.web.schemas.reports import Evaluation, ReportStarted, ReportStatus, TagReach
from clustertags.web.services import ServicesDep, SnapshotDep

router = APIRouter(tags=["report"])


@router.get("/report", include_in_schema=False)
def report(snapshot: SnapshotDep, services: ServicesDep) -> Response:
    state = services.reports.current(make=snapshot.library.seeds.n_labelled > 0)
    reach = tag_reach(snapshot.library)
    most = max((row.n_photos for row in reach), default=0) or 1
    return page(
        "report_page.html",
        snapshot.summary,
        state=state,
        page=state.page,
        plots=plots,
        reach=reach,
        most=most,
        least=percent(MIN_SCORE),
    )


@router.get("/api/report", responses=error_responses(*API))
def report_json(services: ServicesDep) -> ReportStatus:
    """Report the progress of the evaluation and, once it is ready, the JSON of `clustertags evaluate --format json`."""
    state = services.reports.current(make=False)
    return ReportStatus(
        phase=state.phase,
        step=state.step,
        done=state.done,
        total=state.total,
        error=state.error,
        evaluation=Evaluation.model_validate(state.page.evaluation.to_json()) if state.page else None,
    )


@router.post("/api/report", status_code=202, responses=error_responses(*API, 413))
def make_report(services: ServicesDep) -> ReportStarted:
    """Start the evaluation; poll `GET /api/report` until it is ready."""
    return ReportStarted(phase=services.reports.current(make=True).phase)


@router.get("/api/reach", responses=error_responses(*LIBRARY))
def reach_json(snapshot: SnapshotDep) -> list[TagReach]:
    """List the tags with the number of photos that have each, most photos first."""
    return [TagReach(**asdict(row)) for row in tag_reach(snapshot.library)]
