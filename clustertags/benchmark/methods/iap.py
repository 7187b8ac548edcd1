"""IAP: attributes are predicted from the classifier's classes, and tags from the attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.attribute_bayes import attribute_scores
from clustertags.benchmark.method_building_blocks.zero_shot_semantics import (
    Overlap,
    attributes_of,
    class_attributes,
    class_outputs,
    target_classes,
    without_targets,
)
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
class IAP:
    """As DAP with p(a_m | x) = sum over seen y of p(a_m | y) p(y | x): the seen are ImageNet's classes.

    It does not use the labelled photos.
    """

    name: ClassVar[str] = "iap"
    title: ClassVar[str] = "IAP"
    family: ClassVar[Family] = Family.ZERO_SHOT
    needs: ClassVar[tuple[Need, ...]] = (Need.OUTPUTS, Need.ATTRIBUTES)
    paper: ClassVar[str] = (
        "Lampert et al. 2009, Learning to detect unseen object classes by between-class attribute transfer"
    )

    def __init__(self, overlap: Overlap = "remove") -> None:
        self.overlap = overlap

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.encoder_ = task.encoder
        self.names_ = task.names
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> Float64:
        targets = target_classes(candidates, self.names_) & (self.overlap == "remove")
        outputs = without_targets(class_outputs(photos), targets)
        classes = class_attributes()
        prior = classes[~targets].mean(axis=0)
        informative = np.flatnonzero((prior > 0) & (prior < 1))
        of_tags = attributes_of(candidates, self.encoder_)[:, informative]
        return attribute_scores(outputs @ classes[:, informative], of_tags, prior[informative])
