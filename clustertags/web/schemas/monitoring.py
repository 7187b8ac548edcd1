"""Response model of the health check."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clustertags.web.schemas.base import ResponseModel


class Health(ResponseModel):
    """Response of `GET /health`."""

    status: Literal["ok"] = Field(description="always `ok`: a server that is not does not respond")
    version: str = Field(description="version of clustertags")
