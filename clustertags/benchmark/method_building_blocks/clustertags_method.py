"""What the program's own rows share: the fused scores of its pipeline, or those of one component."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.clustertags_pipeline import fit_pipeline
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.tagging.fusion import WEIGHTED_COMPONENTS
from clustertags.types import Bool, Float64


@dataclass(eq=False)
class ClustertagsMethod:
    """`layout_random_state` of the layout and the clusters: one layout for all draws of labels, as a user has one.

    `reused_seconds_`: the time an earlier row spent on what this one shares with it.
    """

    layout_random_state: int = 0

    family: ClassVar[Family] = Family.CLUSTERTAGS
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED)
    paper: ClassVar[str] = "this program, docs/architecture.md and docs/quality.md"
    component: ClassVar[str | None] = None

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.n_tags_ = tags.shape[1]
        used = task if Need.WORD_VECTORS in self.needs else replace(task, encoder=None)
        self.fitted_ = fit_pipeline(photos, tags, used, self.layout_random_state) if tags.any() else None
        self.reused_seconds_ = self.fitted_.reused_seconds if self.fitted_ else 0.0
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: calibrated, in 0..1, when fused, else in the component's own unit; a tag without a
        labelled photo is 1 below the lowest.
        """
        if self.fitted_ is None:
            return np.zeros((len(photos), self.n_tags_))
        if self.component is None:
            return self.fitted_.fused_scores(photos.features)
        return self.fitted_.component_scores(photos.features, WEIGHTED_COMPONENTS.index(self.component))
