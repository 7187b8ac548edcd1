"""ResNet-18, fine-tuned as in the comparison paper."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from clustertags.benchmark.method_building_blocks.fine_tuned_classifier import FineTunedClassifier, LoadedNetwork
from clustertags.benchmark.method_building_blocks.fine_tuning import SplitNetwork, in_sequence
from clustertags.benchmark.method_interface import Need
from clustertags.benchmark.method_registry import register
from clustertags.errors import WeightsError
from clustertags.features.backbones import find_backbone

WEIGHTS_VARIABLE = "CLUSTERTAGS_RESNET18_WEIGHTS"


@register
class Resnet18(FineTunedClassifier):
    """torchvision's ResNet-18; its last stage (layer4) and a new classifier are trained.

    ImageNet weights: the file `weights`, else the one that the environment variable CLUSTERTAGS_RESNET18_WEIGHTS
    names, else torchvision's, from its cache or downloaded into it. Raises `WeightsError` where none can be loaded.
    """

    name: ClassVar[str] = "resnet18"
    title: ClassVar[str] = "ResNet-18, fine-tuned"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.PICTURES, Need.WEIGHTS)
    paper: ClassVar[str] = "He et al. 2016, Deep residual learning; 13 epochs, dropout 0.7, as the comparison paper"

    def _load(self) -> LoadedNetwork:
        named = os.environ.get(WEIGHTS_VARIABLE)
        return load_resnet18(self.weights or (Path(named) if named else None))


@lru_cache(maxsize=1)
def load_resnet18(weights: Path | None) -> LoadedNetwork:
    """The network, split before its last stage. Raises `WeightsError`."""
    from torch import nn  # noqa: PLC0415

    try:
        network = find_backbone("torchvision:resnet18", weights).load()
    except WeightsError as error:
        raise WeightsError(
            f"resnet18 needs ImageNet's weights ({error}): set {WEIGHTS_VARIABLE} to torchvision's resnet18 file, "
            "or leave resnet18 out"
        ) from error
    module: Any = network.module
    trunk = in_sequence(
        [module.conv1, module.bn1, module.relu, module.maxpool, module.layer1, module.layer2, module.layer3]
    )
    stage = in_sequence([module.layer4, module.avgpool, nn.Flatten()])
    return LoadedNetwork.of(SplitNetwork(trunk, stage, network.preprocess, network.n_features))
