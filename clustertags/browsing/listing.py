"""The wall: clusters sorted, filtered and cut into slices; photos of one cluster likewise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from clustertags.browsing.searching import Slice
from clustertags.library.model import FittedLibrary

ClusterOrder = Literal["size", "name", "sure", "unsure", "unlabelled"]


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """`sureness`: mean score of its photos' best tags in 0..1, None without tags; `group`: at the level asked for."""

    cluster: int
    key: str
    name: str
    n_photos: int
    n_labelled: int
    stability: float
    sureness: float | None
    group: int | None


@dataclass(frozen=True, slots=True)
class ClusterQuery:
    """`text`: in the name or a tag; `tag`: among the cluster's tags; `level` and `group`: of `cluster_groups`, from 1."""

    order: ClusterOrder = "size"
    text: str = ""
    tag: str = ""
    unlabelled: bool = False
    level: int = 0
    group: int | None = None


class ClusterIndex:
    def __init__(self, library: FittedLibrary) -> None:
        raise NotImplementedError

    def clusters(self, query: ClusterQuery, *, offset: int = 0, limit: int = 60) -> Slice[ClusterRow]:
        raise NotImplementedError

    def photos(self, cluster: int | None, *, offset: int = 0, limit: int = 200) -> Slice[int]:
        """The cluster's photos, closest to its centre first; None: the unclustered ones, by path."""
        raise NotImplementedError

    def hidden(self, *, offset: int = 0, limit: int = 200) -> Slice[int]:
        """Photos set as not wanted, by path."""
        raise NotImplementedError
