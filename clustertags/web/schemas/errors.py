"""The JSON body of every error, and the error statuses that routes declare in their OpenAPI description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from fastapi.responses import JSONResponse
from pydantic import Field

from clustertags.web.schemas.base import ResponseModel

Responses: TypeAlias = dict[int | str, dict[str, Any]]
"""The type of FastAPI's `responses=`."""


class InvalidParameter(ResponseModel):
    """One parameter, or one field of the body, that failed validation."""

    type: str = Field(description="pydantic's identifier of the failed check, such as `missing`")
    loc: list[str | int] = Field(description='where the value is, such as `["query", "limit"]`')
    msg: str = Field(description="what is wrong with it, in English")


class ErrorBody(ResponseModel):
    """The body of every error response in JSON."""

    detail: str | list[InvalidParameter] = Field(
        description="one sentence; or a list where parameters or the body failed validation (status 422)"
    )


API: Final = (401, 403, 421, 500)
"""Statuses of every route: the checks of `SecurityMiddleware`, and a fault of the program."""

LIBRARY: Final = (*API, 409)
"""Statuses of every route that reads the library from disk."""

_DESCRIPTIONS: Final[Mapping[int, str]] = {
    400: "The request names something that does not exist, or an edit that is not possible; `detail` says which.",
    401: "The server was started with a token and the request has no valid one.",
    403: "The request comes from a page of another site.",
    404: "The library has no such photo.",
    408: "The request body arrived too slowly.",
    409: "Another process is writing to the library.",
    413: "The request body is larger than the limit.",
    415: "The body is not a multipart form, or the file is not a photo in a supported format.",
    421: "The Host header is not a name or address of this server.",
    422: "A parameter or the body is invalid, or the photo is damaged or too large to decode.",
    500: "An internal error, or damaged library files.",
    503: "Too many uploads at once; try again after `Retry-After` seconds.",
}
_HEADERS: Final[Mapping[int, dict[str, Any]]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "the scheme to use: `Bearer`"}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait before the next try"}},
}


def error_responses(*statuses: int) -> Responses:
    """The `responses=` of a route that returns these error statuses, each with an `ErrorBody`."""
    responses: Responses = {}
    for status in sorted(statuses):
        responses[status] = {"model": ErrorBody, "description": _DESCRIPTIONS[status]}
        if status in _HEADERS:
            responses[status]["headers"] = _HEADERS[status]
    return responses


def error_json(
    status: int, detail: str | list[dict[str, Any]], headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An `ErrorBody` as a response."""
    return JSONResponse({"detail": detail}, status, dict(headers or {}))
