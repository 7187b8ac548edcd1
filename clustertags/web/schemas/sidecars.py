"""Models of the requests and responses about XMP sidecars."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from clustertags.web.schemas.base import Count, ResponseModel


class SidecarOrder(BaseModel):
    """Write the exported tags into XMP sidecars beside the photos, or undo what was written."""

    model_config = ConfigDict(extra="forbid")

    action: Annotated[Literal["write", "undo"], Field(description="what to do")] = "write"
    dry_run: Annotated[bool, Field(description="only show what would change")] = True
    tags: Annotated[
        Literal["both", "mine", "predicted"], Field(description="the person's own tags, the predicted ones, or both")
    ] = "both"
    precision: Annotated[float | None, Field(ge=0, le=1, description="predicted tags that are right this often")] = None
    under: Annotated[str, Field(max_length=100, description="a parent for predicted tags in hierarchies")] = ""
    name: Annotated[
        Literal["full", "base"] | None, Field(description="of new sidecars: `photo.jpg.xmp` or `photo.xmp`")
    ] = None


class SidecarLeft(ResponseModel):
    """A sidecar that was left as it is."""

    sidecar: str = Field(description="its path, relative to the photo folder")
    reason: str = Field(description="why")


class SidecarDifference(ResponseModel):
    """What would change in a sidecar."""

    sidecar: str = Field(description="its path, relative to the photo folder")
    difference: str = Field(description="a unified difference")


class SidecarStatus(ResponseModel):
    """The last job about sidecars."""

    phase: Literal["none", "working", "ready", "failed"] = Field(description="`none` before the first job")
    action: Literal["write", "undo"] = Field(description="what the job does")
    dry_run: bool = Field(description="whether it only shows what would change")
    done: Count = Field(description="photos done while it works")
    total: Count = Field(description="of how many, 0 while that is not known")
    error: str = Field(description="why it failed, else empty")
    created: Count = Field(description="sidecars that are new")
    changed: Count = Field(description="sidecars with tags added, or taken away")
    removed: Count = Field(description="sidecars that are gone")
    unchanged: Count = Field(description="photos whose sidecar lacks nothing")
    left: list[SidecarLeft] = Field(description="the first sidecars that were left as they are")
    n_left: Count = Field(description="how many were")
    shown: list[SidecarDifference] = Field(description="of a dry run, what would change in the first sidecars")
