"""The packaged backbone, fine-tuned by the recipe of ResNet-18."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from clustertags.benchmark.method_building_blocks.fine_tuned_classifier import FineTunedClassifier, LoadedNetwork
from clustertags.benchmark.method_building_blocks.fine_tuning import SplitNetwork, in_sequence
from clustertags.benchmark.method_interface import Need
from clustertags.benchmark.method_registry import register
from clustertags.features.backbones import DEFAULT_BACKBONE, find_backbone


@register
class BackboneTransfer(FineTunedClassifier):
    """EfficientNet-Lite0; its last block, its last convolution and a new classifier are trained."""

    name: ClassVar[str] = "backbone-transfer"
    title: ClassVar[str] = "The packaged backbone, fine-tuned"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.PICTURES)
    paper: ClassVar[str] = "Tan, Le 2019, EfficientNet; 13 epochs, dropout 0.7, as the comparison paper's ResNet-18"

    def _load(self) -> LoadedNetwork:
        return load_lite0(self.weights)


@lru_cache(maxsize=1)
def load_lite0(weights: Path | None) -> LoadedNetwork:
    """The network, split before its last block."""
    network = find_backbone(DEFAULT_BACKBONE, weights).load()
    module: Any = network.module
    trunk = in_sequence([module.conv_stem, module.bn1, *module.blocks[:-1]])
    stage = in_sequence([module.blocks[-1], module.conv_head, module.bn2, module.global_pool])
    return LoadedNetwork.of(SplitNetwork(trunk, stage, network.preprocess, network.n_features))
