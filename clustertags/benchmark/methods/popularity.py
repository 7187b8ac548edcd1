"""The most frequent tags, the same for every photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class Popularity:
    """Ranks tags by their number of labelled photos; ties go to the earlier column."""

    name: ClassVar[str] = "popularity"
    title: ClassVar[str] = "Most frequent tags"
    family: ClassVar[Family] = Family.BASELINE
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Park, Li, Kim 2016, HARRISON, the most frequent tags"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.shares_: Float64 = tags.mean(axis=0, dtype=np.float64)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64 in 0..1, the share of labelled photos with the tag, in every row."""
        return np.tile(self.shares_, (len(photos), 1))
