"""A fine-tuned ResNet-18, as the comparison paper trained it, and the same recipe on the packaged backbone."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from clustertags.benchmark.contract import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_parts.fine_tuning import FrozenMaps, Recipe, SplitNetwork, Tuned, in_sequence, tune
from clustertags.benchmark.method_parts.picture_digests import pictures_of
from clustertags.benchmark.method_parts.taught_tags import TaughtTags
from clustertags.benchmark.registry import register
from clustertags.errors import WeightsError
from clustertags.features.backbones import DEFAULT_BACKBONE, find_backbone
from clustertags.types import Bool, Float64

WEIGHTS_VARIABLE = "CLUSTERTAGS_RESNET18_WEIGHTS"


@dataclass(frozen=True, slots=True)
class _Loaded:
    network: SplitNetwork
    maps: FrozenMaps


@dataclass(eq=False)
class _Transfer:
    """`recipe`: see `fine_tuning`, which says what is trained."""

    recipe: Recipe = field(default_factory=Recipe)
    weights: Path | None = None

    family: ClassVar[Family] = Family.DEEP
    needs: ClassVar[tuple[Need, ...]]
    name: ClassVar[str]

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.taught_ = TaughtTags.seen(tags)
        self.loaded_ = self._load()
        maps = self.loaded_.maps.of(pictures_of(photos, self.name))
        taught = tags[:, self.taught_.columns]
        self.tuned_: Tuned | None = None
        if taught.any():
            self.tuned_ = tune(self.loaded_.network, maps, taught, self.recipe, task.seed)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: logits; a tag without a labelled photo stands 1 below the lowest."""
        if self.tuned_ is None:
            return np.zeros((len(photos), len(self.taught_.never)))
        maps = self.loaded_.maps.of(pictures_of(photos, self.name))
        return self.taught_.place(self.tuned_.scores(maps), len(photos))

    def _load(self) -> _Loaded:
        raise NotImplementedError


@register
class Resnet18(_Transfer):
    """torchvision's ResNet-18, its last stage (layer4) and a new classifier trained.

    ImageNet's weights: the file `weights`, else the one that the environment's CLUSTERTAGS_RESNET18_WEIGHTS names,
    else torchvision's, from its cache or downloaded into it. Raises `WeightsError` where none can be had.
    """

    name: ClassVar[str] = "resnet18"
    title: ClassVar[str] = "ResNet-18, fine-tuned"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.PICTURES, Need.WEIGHTS)
    paper: ClassVar[str] = "He et al. 2016, Deep residual learning; 13 epochs, dropout 0.7, as the comparison paper"

    def _load(self) -> _Loaded:
        named = os.environ.get(WEIGHTS_VARIABLE)
        return _resnet18(self.weights or (Path(named) if named else None))


@register
class BackboneTransfer(_Transfer):
    """The packaged EfficientNet-Lite0, its last block, its last convolution and a new classifier trained."""

    name: ClassVar[str] = "backbone-transfer"
    title: ClassVar[str] = "The packaged backbone, fine-tuned"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.PICTURES)
    paper: ClassVar[str] = "Tan, Le 2019, EfficientNet; 13 epochs, dropout 0.7, as the comparison paper's ResNet-18"

    def _load(self) -> _Loaded:
        return _lite0(self.weights)


@lru_cache(maxsize=1)
def _resnet18(weights: Path | None) -> _Loaded:
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
    stage = in_sequence([module.layer4, module.avgpool, _flat()])
    return _with_maps(SplitNetwork(trunk, stage, network.preprocess, network.n_features))


@lru_cache(maxsize=1)
def _lite0(weights: Path | None) -> _Loaded:
    network = find_backbone(DEFAULT_BACKBONE, weights).load()
    module: Any = network.module
    trunk = in_sequence([module.conv_stem, module.bn1, *module.blocks[:-1]])
    stage = in_sequence([module.blocks[-1], module.conv_head, module.bn2, module.global_pool])
    return _with_maps(SplitNetwork(trunk, stage, network.preprocess, network.n_features))


def _with_maps(network: SplitNetwork) -> _Loaded:
    return _Loaded(network, FrozenMaps(network))


def _flat() -> Any:
    from torch import nn  # noqa: PLC0415

    return nn.Flatten()
