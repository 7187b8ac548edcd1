"""Denton's bilinear model: tags for photos, without users."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.warp_training import N_FACTORS, Labelled, train_warp
from clustertags.benchmark.method_building_blocks.zero_shot_semantics import scaled_rows
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64

if TYPE_CHECKING:
    from torch import Tensor


@register
class DentonBilinear:
    """f(x, y) = (U x)' (V y): x features, y one tag of the vocabulary; WARP loss."""

    name: ClassVar[str] = "denton-bilinear"
    title: ClassVar[str] = "Denton, bilinear"
    family: ClassVar[Family] = Family.USERS
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Denton et al. 2015, User conditional hashtag prediction for images"

    def __init__(self, n_factors: int = N_FACTORS) -> None:
        self.n_factors = n_factors

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        features = scaled_rows(photos.features.values)
        shapes = {"U": (features.shape[1], self.n_factors), "V": (self.n_factors, tags.shape[1])}
        nobody = np.zeros(len(features), np.int32)
        self.parameters_ = train_warp(shapes, _score, Labelled(features, nobody, tags), task.random_state)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        scores: Float64 = scaled_rows(photos.features.values) @ self.parameters_["U"] @ self.parameters_["V"]
        return scores


def _score(parameters: dict[str, Tensor], features: Tensor, users: Tensor) -> Tensor:
    return features @ parameters["U"] @ parameters["V"]
