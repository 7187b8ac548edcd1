"""The first page and the list of clusters: sorted, filtered, grouped, and loaded in parts while the user scrolls."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from clustertags.browsing.listing import ClusterOrder, ClusterQuery
from clustertags.support.printable import printable
from clustertags.web.rendering import page, part
from clustertags.web.schemas.clusters import ClusterItem, ClusterList
from clustertags.web.schemas.errors import LIBRARY, error_responses
from clustertags.web.services import SnapshotDep
from clustertags.web.snapshot import Snapshot
from clustertags.web.tiles import CLUSTERS_A_PART, Part, next_address

router = APIRouter(tags=["clusters"])

Text = Annotated[str, Query(max_length=200)]
Offset = Annotated[int, Query(ge=0, le=10**9)]
UNNAMED_SHOWN = 5
ORDERS = {
    "size": "Largest first",
    "name": "Name",
    "unlabelled": "Untagged first",
    "unsure": "Least certain first",
    "sure": "Most certain first",
}


@dataclass(frozen=True, slots=True)
class ClusterListQuery:
    """Query parameters of the list of clusters.

    `level`: 0 for the clusters themselves, higher for coarser groups of them; `group`: only the clusters of this group.
    """

    order: ClusterOrder = "size"
    text: Text = ""
    tag: Text = ""
    unlabelled: bool = False
    level: Annotated[int, Query(ge=0, le=100)] = 0
    group: Annotated[int | None, Query(ge=0, le=10**6)] = None

    @property
    def is_plain(self) -> bool:
        return not self.text and not self.tag and not self.unlabelled and self.group is None

    def to_cluster_query(self) -> ClusterQuery:
        level = self.level if self.group is not None else 0
        group = self.group if self.level else None
        return ClusterQuery(self.order, self.text, self.tag, self.unlabelled, level, group)


ClusterListQueryDep = Annotated[ClusterListQuery, Depends()]


@router.get("/", include_in_schema=False)
def wall(snapshot: SnapshotDep, query: ClusterListQueryDep, offset: Offset = 0) -> Response:
    level = min(query.level, len(snapshot.clusters.levels))
    groups = snapshot.group_cards(level) if level and query.group is None else ()
    group = None
    if level and query.group is not None and query.group < len(snapshot.clusters.levels[level - 1]):
        group = printable(snapshot.clusters.levels[level - 1][query.group].name)
    return page(
        "wall.html",
        snapshot.summary,
        query=query,
        orders=ORDERS,
        levels=[len(groups) for groups in snapshot.clusters.levels],
        groups=groups,
        group=group,
        part=Part((), 0, "") if groups else clusters_part(snapshot, query, offset),
        hidden=len(snapshot.library.hidden),
        notices=snapshot.library.edit_notices,
        unnamed=snapshot.unnamed[:UNNAMED_SHOWN],
    )


@router.get("/parts/clusters", include_in_schema=False)
def more_clusters(snapshot: SnapshotDep, query: ClusterListQueryDep, offset: Offset = 0) -> Response:
    return part("parts/clusters.html", clusters_part(snapshot, query, offset))


@router.get("/api/clusters", responses=error_responses(*LIBRARY, 400, 422))
def clusters(
    snapshot: SnapshotDep,
    query: ClusterListQueryDep,
    offset: Offset = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 60,
) -> ClusterList:
    """List clusters in the given order, with the given filters."""
    found = snapshot.clusters.clusters(query.to_cluster_query(), offset=offset, limit=limit)
    items = [ClusterItem(**asdict(row), href=f"/{snapshot.cluster_href(row.cluster)}") for row in found.items]
    return ClusterList(clusters=items, total=found.total, next_offset=found.next_offset)


def clusters_part(snapshot: Snapshot, query: ClusterListQuery, offset: int) -> Part:
    """The cards of the clusters from `offset` on."""
    found = snapshot.clusters.clusters(query.to_cluster_query(), offset=offset, limit=CLUSTERS_A_PART)
    cards = tuple(snapshot.cluster_card(row.cluster) for row in found.items)
    return Part(cards, found.total, next_address(found, "/parts/clusters", asdict(query)))
