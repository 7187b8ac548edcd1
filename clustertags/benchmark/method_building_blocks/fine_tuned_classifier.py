"""A classifier that fine-tunes the last stage of a network; rows derive from it and name the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.fine_tuning import FrozenMaps, Recipe, SplitNetwork, Tuned, tune
from clustertags.benchmark.method_building_blocks.learnable_tags import LearnableTags
from clustertags.benchmark.method_building_blocks.picture_cache import pictures_of
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.types import Bool, Float64


@dataclass(frozen=True, slots=True)
class LoadedNetwork:
    """A network and the feature maps of its frozen part, which all fits share."""

    network: SplitNetwork
    maps: FrozenMaps

    @classmethod
    def of(cls, network: SplitNetwork) -> LoadedNetwork:
        """The network with an empty cache of feature maps."""
        return cls(network, FrozenMaps(network))


@dataclass(eq=False)
class FineTunedClassifier:
    """`recipe`: see `fine_tuning`; `weights`: a file of ImageNet weights, None for the network's usual ones."""

    recipe: Recipe = field(default_factory=Recipe)
    weights: Path | None = None

    family: ClassVar[Family] = Family.DEEP
    needs: ClassVar[tuple[Need, ...]]
    name: ClassVar[str]

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.learnable_ = LearnableTags.with_photos(tags)
        self.loaded_ = self._load()
        maps = self.loaded_.maps.of(pictures_of(photos, self.name))
        learnable = tags[:, self.learnable_.columns]
        self.tuned_: Tuned | None = None
        if learnable.any():
            self.tuned_ = tune(self.loaded_.network, maps, learnable, self.recipe, task.random_state)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: logits; a tag without a labelled photo is 1 below the lowest."""
        if self.tuned_ is None:
            return np.zeros((len(photos), len(self.learnable_.never)))
        maps = self.loaded_.maps.of(pictures_of(photos, self.name))
        return self.learnable_.expand(self.tuned_.scores(maps), len(photos))

    def _load(self) -> LoadedNetwork:
        raise NotImplementedError
