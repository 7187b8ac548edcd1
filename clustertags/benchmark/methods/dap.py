"""DAP: attributes are predicted from the photos, and tags from the attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.attribute_bayes import attribute_scores
from clustertags.benchmark.method_building_blocks.zero_shot_semantics import attributes_of
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
class DAP:
    """argmax over z of prod p(a_m = a_m^z | x) / p(a_m^z), the attributes being WordNet's hypernyms.

    p(a_m | x) is a ridge regression of 0 and 1, clipped to 0.01..0.99 (the paper: an SVM and a sigmoid, an
    attribute each). Hypernyms of all seen tags or of none cannot be learnt and are excluded.
    """

    name: ClassVar[str] = "dap"
    title: ClassVar[str] = "DAP"
    family: ClassVar[Family] = Family.ZERO_SHOT
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.ATTRIBUTES)
    paper: ClassVar[str] = (
        "Lampert et al. 2009, Learning to detect unseen object classes by between-class attribute transfer"
    )

    def __init__(self, penalty: float = 0.1) -> None:
        self.penalty = penalty

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.encoder_ = task.encoder
        self.names_ = task.names
        own = attributes_of(task.names, task.encoder)
        self.learnable_ = np.flatnonzero((own.min(axis=0, initial=1) == 0) & (own.max(axis=0, initial=0) == 1))
        of_tags = own[:, self.learnable_]
        self.prior_ = of_tags.mean(axis=0)
        features = photos.features.values.astype(np.float64)
        has_attribute = (tags.astype(np.float64) @ of_tags > 0).astype(np.float64)
        self.mean_, self.base_ = features.mean(axis=0), has_attribute.mean(axis=0)
        centred = features - self.mean_
        kernel = centred @ centred.T + self.penalty * np.eye(len(features))
        self.weight_ = centred.T @ np.linalg.solve(kernel, has_attribute - self.base_)
        return self

    def predict_attributes(self, photos: PhotoSample) -> Float64:
        """(n, n_learnable): p(a_m = 1 | x) before clipping."""
        predicted: Float64 = (photos.features.values - self.mean_) @ self.weight_ + self.base_
        return predicted

    def predict_scores(self, photos: PhotoSample) -> Float64:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> Float64:
        of_tags = attributes_of(candidates, self.encoder_)[:, self.learnable_]
        return attribute_scores(self.predict_attributes(photos), of_tags, self.prior_)
