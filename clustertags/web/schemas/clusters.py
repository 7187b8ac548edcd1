"""Response models of the list of clusters."""

from __future__ import annotations

from pydantic import Field

from clustertags.web.schemas.base import Count, ResponseModel, Share


class ClusterItem(ResponseModel):
    """One cluster in the list."""

    cluster: Count = Field(description="number of the cluster; edits and refits renumber")
    key: str = Field(description="identifier of the cluster, kept over edits")
    name: str = Field(description="name of the cluster")
    n_photos: Count = Field(description="photos in the cluster")
    n_labelled: Count = Field(description="photos of the cluster that the user tagged")
    stability: Share = Field(description="mean Jaccard similarity to the same cluster under other random seeds")
    sureness: Share | None = Field(description="mean score of its photos' best tags; null where there are no tags")
    href: str = Field(description="URL path of the cluster's page")


class ClusterList(ResponseModel):
    """Response of `GET /api/clusters`: one page of the list."""

    clusters: list[ClusterItem] = Field(description="clusters in the requested order")
    total: Count = Field(description="number of clusters that match the filters, on all pages")
    next_offset: int | None = Field(description="`offset` of the next page; null on the last one")
