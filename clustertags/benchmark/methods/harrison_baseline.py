"""The HARRISON benchmark's own baseline: a multi-label network on object features, scene features, or both."""

from __future__ import annotations

from typing import ClassVar

from clustertags.benchmark.method_building_blocks.harrison_network import HarrisonNetwork
from clustertags.benchmark.method_interface import Need
from clustertags.benchmark.method_registry import register


@register
class HarrisonObject(HarrisonNetwork):
    """The network's features alone."""

    name: ClassVar[str] = "harrison-object"
    title: ClassVar[str] = "HARRISON baseline: object"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    objects: ClassVar[bool] = True
    scene: ClassVar[bool] = False


@register
class HarrisonLayout(HarrisonNetwork):
    """The layout descriptor alone."""

    name: ClassVar[str] = "harrison-layout"
    title: ClassVar[str] = "HARRISON baseline: layout"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.PICTURES)
    objects: ClassVar[bool] = False
    scene: ClassVar[bool] = True


@register
class HarrisonObjectLayout(HarrisonNetwork):
    """Both, concatenated."""

    name: ClassVar[str] = "harrison-object-layout"
    title: ClassVar[str] = "HARRISON baseline: object + layout"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.PICTURES)
    objects: ClassVar[bool] = True
    scene: ClassVar[bool] = True
