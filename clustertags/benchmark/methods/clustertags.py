"""The program itself, and each of its components alone."""

from __future__ import annotations

from typing import ClassVar

from clustertags.benchmark.method_building_blocks.clustertags_method import ClustertagsMethod
from clustertags.benchmark.method_interface import Need
from clustertags.benchmark.method_registry import register


@register
class Fused(ClustertagsMethod):
    """What `clustertags fit` and `clustertags tag` do: all components, weighted and calibrated."""

    name: ClassVar[str] = "clustertags"
    title: ClassVar[str] = "clustertags"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED, Need.WORD_VECTORS)


@register
class WithoutNames(ClustertagsMethod):
    """The same without the names of tags, which most other methods do not use either."""

    name: ClassVar[str] = "without-names"
    title: ClassVar[str] = "clustertags, names unread"


@register
class ClusterTagsAlone(ClustertagsMethod):
    """The share of the cluster's labelled photos with the tag, shrunk towards the overall share."""

    name: ClassVar[str] = "cluster-tags"
    title: ClassVar[str] = "The cluster's tags alone"
    component: ClassVar[str | None] = "cluster"


@register
class HeadAlone(ClustertagsMethod):
    """The ridge regression on three feature blocks of the photo, starting from the name prior."""

    name: ClassVar[str] = "head"
    title: ClassVar[str] = "The head alone, with names"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED, Need.WORD_VECTORS)
    component: ClassVar[str | None] = "head"


@register
class NeighboursAlone(ClustertagsMethod):
    """The votes of the nearest labelled photos, in the principal components of the feature blocks."""

    name: ClassVar[str] = "neighbours"
    title: ClassVar[str] = "The neighbours alone"
    component: ClassVar[str | None] = "neighbours"


@register
class GraphAlone(ClustertagsMethod):
    """Tags spread over the graph of all training photos."""

    name: ClassVar[str] = "graph"
    title: ClassVar[str] = "The graph alone"
    component: ClassVar[str | None] = "graph"
