"""The wall of clusters: sorted, filtered, grouped, and continued while the person scrolls."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from clustertags.browsing.listing import ClusterOrder, ClusterQuery
from clustertags.support.printable import printable
from clustertags.web.rendering import page, part
from clustertags.web.services import ViewOf
from clustertags.web.tiles import CLUSTERS_A_PART, Part, next_address
from clustertags.web.views import View

router = APIRouter(tags=["clusters"])

Text = Annotated[str, Query(max_length=200)]
Offset = Annotated[int, Query(ge=0, le=10**9)]
ORDERS = {
    "size": "Largest first",
    "name": "Name",
    "unlabelled": "Untagged first",
    "unsure": "Least sure first",
    "sure": "Surest first",
}


@dataclass(frozen=True, slots=True)
class WallQuery:
    """What the wall shows: `level` 0 are the clusters themselves, higher ones groups, `group` the clusters of one."""

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


WallQueryOf = Annotated[WallQuery, Depends()]


@router.get("/", include_in_schema=False)
def wall(view: ViewOf, query: WallQueryOf, offset: Offset = 0) -> Response:
    level = min(query.level, len(view.clusters.levels))
    groups = view.group_cards(level) if level and query.group is None else ()
    group = None
    if level and query.group is not None and query.group < len(view.clusters.levels[level - 1]):
        group = printable(view.clusters.levels[level - 1][query.group].name)
    return page(
        "wall.html",
        view.summary,
        query=query,
        orders=ORDERS,
        levels=[len(groups) for groups in view.clusters.levels],
        groups=groups,
        group=group,
        part=Part((), 0, "") if groups else clusters_part(view, query, offset),
        hidden=len(view.library.hidden),
        notices=view.library.edit_notices,
    )


@router.get("/parts/clusters", include_in_schema=False)
def more_clusters(view: ViewOf, query: WallQueryOf, offset: Offset = 0) -> Response:
    return part("parts/clusters.html", clusters_part(view, query, offset))


@router.get("/api/clusters")
def clusters(
    view: ViewOf, query: WallQueryOf, offset: Offset = 0, limit: Annotated[int, Query(ge=1, le=500)] = 60
) -> dict[str, Any]:
    """Clusters by the given order and filters."""
    found = view.clusters.clusters(query.to_cluster_query(), offset=offset, limit=limit)
    rows = [asdict(row) | {"href": f"/{view.cluster_href(row.cluster)}"} for row in found.items]
    return {"clusters": rows, "total": found.total, "next_offset": found.next_offset}


def clusters_part(view: View, query: WallQuery, offset: int) -> Part:
    """The cards of some clusters."""
    found = view.clusters.clusters(query.to_cluster_query(), offset=offset, limit=CLUSTERS_A_PART)
    cards = tuple(view.cluster_card(row.cluster) for row in found.items)
    return Part(cards, found.total, next_address(found, "/parts/clusters", asdict(query)))
