"""DeViSE: a linear map from features to the vectors of names, trained to rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.zero_shot_semantics import (
    pairs,
    require_encoder,
    scaled_rows,
    vectors_of,
)
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
class DeViSE:
    """min over M of the sum over j != y of max(0, 0.1 - s_y' M x + s_j' M x), by AdaGrad (Duchi et al. 2011).

    Vectors of names have unit length. Other tags of the same photo do not count as wrong.
    """

    name: ClassVar[str] = "devise"
    title: ClassVar[str] = "DeViSE"
    family: ClassVar[Family] = Family.ZERO_SHOT
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.WORD_VECTORS)
    paper: ClassVar[str] = "Frome et al. 2013, DeViSE: a deep visual-semantic embedding model"

    def __init__(self, margin: float = 0.1, n_epochs: int = 30, step: float = 0.01, batch_size: int = 32) -> None:
        self.margin = margin
        self.n_epochs = n_epochs
        self.step = step
        self.batch_size = batch_size

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.encoder_ = require_encoder(task)
        self.names_ = task.names
        vectors, features = vectors_of(self.encoder_, task.names), scaled_rows(photos.features.values)
        rows, columns = pairs(tags)
        generator = np.random.default_rng(task.random_state)
        self.map_ = np.zeros((vectors.shape[1], features.shape[1]))
        squares = np.full_like(self.map_, 1e-8)
        self.losses_: list[float] = []
        for _ in range(self.n_epochs):
            order, summed = generator.permutation(len(rows)), 0.0
            for start in range(0, len(order), self.batch_size):
                batch = order[start : start + self.batch_size]
                own = tags[rows[batch]]
                loss, gradient = self._hinge(features[rows[batch]], columns[batch], own, vectors)
                squares += gradient**2
                self.map_ -= self.step * gradient / np.sqrt(squares)
                summed += loss
            self.losses_.append(summed / max(len(rows), 1))
        return self

    def _hinge(self, features: Float64, columns: np.ndarray, own: Bool, vectors: Float64) -> tuple[float, Float64]:
        """The loss of a batch and its gradient with respect to the map."""
        scores = features @ self.map_.T @ vectors.T
        target_scores = scores[np.arange(len(columns)), columns]
        short = np.where(own, 0.0, np.maximum(0.0, self.margin - target_scores[:, None] + scores))
        wrong = (short > 0).astype(np.float64)
        wrong[np.arange(len(columns)), columns] -= wrong.sum(axis=1)
        gradient: Float64 = (wrong @ vectors).T @ features
        return float(short.sum()), gradient

    def predict_scores(self, photos: PhotoSample) -> Float64:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> Float64:
        scores: Float64 = scaled_rows(photos.features.values) @ self.map_.T @ vectors_of(self.encoder_, candidates).T
        return scores
