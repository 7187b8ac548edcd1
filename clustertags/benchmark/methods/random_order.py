"""Tags in random order for each photo: the chance level."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class RandomOrder:
    """Draws a score for every tag of a photo, from `random_state` and a hash of the photo's features only."""

    name: ClassVar[str] = "random"
    title: ClassVar[str] = "Random order"
    family: ClassVar[Family] = Family.BASELINE
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "none: a uniform draw"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.n_tags_ = tags.shape[1]
        self.random_state_ = task.random_state
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64 in 0..1."""
        scores = np.empty((len(photos), self.n_tags_))
        for row, values in enumerate(photos.features.values):
            drawn = int.from_bytes(hashlib.sha256(values.tobytes()).digest()[:8], "big")
            scores[row] = np.random.default_rng([self.random_state_, drawn]).random(self.n_tags_)
        return scores
