"""The base class of all response models."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ResponseModel(BaseModel):
    """A JSON object with exactly the declared keys.

    `extra="forbid"` turns a key that a route returns and its model lacks into an error (500, and a failing test). With
    pydantic's default the key would silently be dropped from the response.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


# Bounds are stated in the description and checked by tests, but not at run time: a score of 1.0000001 in float32 is no
# reason to refuse a response.
Share = Annotated[float, Field(json_schema_extra={"minimum": 0, "maximum": 1})]
"""A score, probability or similarity in 0..1."""

Count = Annotated[int, Field(json_schema_extra={"minimum": 0})]
