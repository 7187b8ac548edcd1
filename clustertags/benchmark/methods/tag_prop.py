"""TagProp: weights of neighbours that maximise the likelihood of the labelled photos' tags."""

from __future__ import annotations

from typing import ClassVar

from clustertags.benchmark.method_building_blocks.tag_prop import TagProp
from clustertags.benchmark.method_registry import register


@register
class TagPropRank(TagProp):
    """TagProp, π by the neighbour's rank: γ_rank >= 0, Σ γ = 1."""

    name: ClassVar[str] = "tag-prop-rank"
    title: ClassVar[str] = "TagProp, rank"
    by_distance: ClassVar[bool] = False
    with_sigmoid: ClassVar[bool] = False


@register
class TagPropRankSigmoid(TagProp):
    """TagProp, π by rank, a sigmoid for each tag."""

    name: ClassVar[str] = "tag-prop-rank-sigmoid"
    title: ClassVar[str] = "TagProp, rank, sigmoid"
    by_distance: ClassVar[bool] = False
    with_sigmoid: ClassVar[bool] = True


@register
class TagPropDistance(TagProp):
    """TagProp, π ∝ exp(-λ d), d being 1 - cosine."""

    name: ClassVar[str] = "tag-prop-distance"
    title: ClassVar[str] = "TagProp, distance"
    by_distance: ClassVar[bool] = True
    with_sigmoid: ClassVar[bool] = False


@register
class TagPropDistanceSigmoid(TagProp):
    """TagProp, π ∝ exp(-λ d), a sigmoid for each tag."""

    name: ClassVar[str] = "tag-prop-distance-sigmoid"
    title: ClassVar[str] = "TagProp, distance, sigmoid"
    by_distance: ClassVar[bool] = True
    with_sigmoid: ClassVar[bool] = True
