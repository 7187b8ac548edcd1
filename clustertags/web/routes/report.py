"""Report: how right the tags are, and how far each reaches."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from clustertags.browsing.tag_reach import tag_reach
from clustertags.evaluation import plots
from clustertags.web.rendering import page
from clustertags.web.services import ServicesOf, ViewOf

router = APIRouter(tags=["report"])


@router.get("/report", include_in_schema=False)
def report(view: ViewOf, services: ServicesOf) -> Response:
    state = services.reports.current(make=view.library.seeds.n_labelled > 0)
    reach = tag_reach(view.library)
    most = max((row.n_photos for row in reach), default=0) or 1
    return page("report_page.html", view.summary, state=state, page=state.page, plots=plots, reach=reach, most=most)


@router.get("/api/report")
def report_json(services: ServicesOf) -> dict[str, Any]:
    """Whether the evaluation is ready, and then what `clustertags evaluate --format json` prints as `evaluation`."""
    state = services.reports.current(make=False)
    return {
        "phase": state.phase,
        "step": state.step,
        "done": state.done,
        "total": state.total,
        "error": state.error,
        "evaluation": state.page.evaluation.to_json() if state.page else None,
    }


@router.post("/api/report", status_code=202)
def make_report(services: ServicesOf) -> dict[str, str]:
    """Begin the evaluation; `GET` says when it is ready."""
    return {"phase": services.reports.current(make=True).phase}


@router.get("/api/reach")
def reach_json(view: ViewOf) -> list[dict[str, Any]]:
    """How many photos each tag reaches, the one that reaches most first."""
    return [asdict(row) for row in tag_reach(view.library)]
