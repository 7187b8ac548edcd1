"""ESZSL: features, names and tags in one bilinear form with a closed solution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.zero_shot_semantics import (
    class_mean_accuracy,
    held_out_classes,
    require_encoder,
    scaled_rows,
    vectors_of,
)
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64

GRID = tuple(10.0**power for power in range(-3, 4))
VALIDATION_SHARE = 0.25
DEFAULT = (1.0, 1.0)


@register
class ESZSL:
    """V = (X X' + g I)^-1 X Y S' (S S' + l I)^-1; the tag with the largest x' V s.

    X: features by columns, Y: 1 and -1, S: vectors of the names by columns. g and l are chosen from
    10^-3 .. 10^3 on held-out seen tags, unless `penalties` are given.
    """

    name: ClassVar[str] = "eszsl"
    title: ClassVar[str] = "ESZSL"
    family: ClassVar[Family] = Family.ZERO_SHOT
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.WORD_VECTORS)
    paper: ClassVar[str] = "Romera-Paredes and Torr 2015, An embarrassingly simple approach to zero-shot learning"

    def __init__(self, penalties: tuple[float, float] | None = None) -> None:
        self.penalties = penalties

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.encoder_ = require_encoder(task)
        self.names_ = task.names
        features, vectors = scaled_rows(photos.features.values), vectors_of(self.encoder_, task.names)
        self.penalties_ = self.penalties or choose_penalties(features, tags, vectors, task.random_state)
        self.map_ = solve(features, tags, vectors, [self.penalties_])[0]
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> Float64:
        scores: Float64 = scaled_rows(photos.features.values) @ self.map_ @ vectors_of(self.encoder_, candidates).T
        return scores


def solve(features: Float64, tags: Bool, vectors: Float64, penalties: Sequence[tuple[float, float]]) -> list[Float64]:
    """The map (n_features, n_dimensions) for each pair of penalties, from one eigendecomposition of each side."""
    of_features, of_names = np.linalg.eigh(features.T @ features), np.linalg.eigh(vectors.T @ vectors)
    between = features.T @ (2.0 * tags - 1.0) @ vectors
    rotated = of_features.eigenvectors.T @ between @ of_names.eigenvectors
    return [
        of_features.eigenvectors
        @ (rotated / (of_features.eigenvalues[:, None] + gamma) / (of_names.eigenvalues + penalty))
        @ of_names.eigenvectors.T
        for gamma, penalty in penalties
    ]


def choose_penalties(features: Float64, tags: Bool, vectors: Float64, random_state: int) -> tuple[float, float]:
    """The pair with the best accuracy on held-out tags; `DEFAULT` where too few tags are seen."""
    held_out = held_out_classes(tags, VALIDATION_SHARE, random_state)
    tested = tags[:, held_out].any(axis=1)
    if not held_out.any() or tested.all():
        return DEFAULT
    grid = [(gamma, penalty) for gamma in GRID for penalty in GRID]
    maps = solve(features[~tested], tags[~tested][:, ~held_out], vectors[~held_out], grid)
    truth = tags[tested][:, held_out]
    accuracies = [class_mean_accuracy(features[tested] @ found @ vectors[held_out].T, truth) for found in maps]
    return grid[int(np.argmax(accuracies))]
