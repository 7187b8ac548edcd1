"""The page Export, and the files that it offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Query, Response

from clustertags.export.records import ExportOptions
from clustertags.library.artifacts import Artifacts
from clustertags.web.rendering import page
from clustertags.web.schemas.errors import LIBRARY, Responses, error_responses
from clustertags.web.services import Services, ServicesDep, SnapshotDep
from clustertags.workflows.export import gather_edited, to_file

router = APIRouter(tags=["export"])

Form: TypeAlias = Literal["csv", "jsonl", "parquet", "huggingface", "fiftyone", "labelstudio", "exiftool"]
Whose: TypeAlias = Literal["both", "mine", "predicted"]


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    media_type: str
    title: str


_FILES: dict[Form, _File] = {
    "csv": _File("tags.csv", "text/csv", "Table (CSV)"),
    "jsonl": _File("tags.jsonl", "application/jsonl", "JSON lines"),
    "parquet": _File("tags.parquet", "application/vnd.apache.parquet", "Parquet, with the map"),
    "huggingface": _File("metadata.jsonl", "application/jsonl", "Hugging Face: metadata.jsonl"),
    "fiftyone": _File("labels.json", "application/json", "FiftyOne: labels.json"),
    "labelstudio": _File("tasks.json", "application/json", "Label Studio: tasks"),
    "exiftool": _File("keywords.csv", "text/csv", "exiftool: keywords for inside the photos"),
}
_RESPONSES: Responses = {
    200: {
        "description": "the file, as an attachment",
        "content": {file.media_type: {} for file in _FILES.values()},
    },
    **error_responses(*LIBRARY, 400, 422),
}


@router.get("/export", include_in_schema=False)
def export_page(snapshot: SnapshotDep) -> Response:
    return page("export.html", snapshot.summary, files=_FILES)


@router.get("/export/download", include_in_schema=False)
def download(
    services: ServicesDep,
    form: Annotated[Form, Query(alias="format")],
    tags: Whose = "both",
    precision: Literal["", "0.7", "0.9", "0.95"] = "",
) -> Response:
    """What the page's form asks for; an empty `precision` asks for none."""
    return _file_of(services, form, tags, float(precision) if precision else None, "")


@router.get("/api/export", response_class=Response, responses=_RESPONSES)
def export(
    services: ServicesDep,
    form: Annotated[Form, Query(alias="format", description="of the file")] = "jsonl",
    tags: Annotated[Whose, Query(description="the person's own tags, the predicted ones, or both")] = "both",
    precision: Annotated[
        float | None, Query(ge=0, le=1, description="predicted tags that are right this often")
    ] = None,
    under: Annotated[str, Query(max_length=100, description="a parent for predicted tags in hierarchies")] = "",
) -> Response:
    """Export the tags of all photos. The file is that of `clustertags export`."""
    return _file_of(services, form, tags, precision, under)


def _file_of(services: Services, form: Form, tags: Whose, precision: float | None, under: str) -> Response:
    options = ExportOptions(tags != "predicted", tags != "mine", precision, under)
    artifacts = Artifacts(services.settings.artifacts)
    found = gather_edited(services.library_state.editor, artifacts, options)
    file = _FILES[form]
    headers = {"content-disposition": f'attachment; filename="{file.name}"'}
    return Response(to_file(found, form, artifacts.folder), media_type=file.media_type, headers=headers)
