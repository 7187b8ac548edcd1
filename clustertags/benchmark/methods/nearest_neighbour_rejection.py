"""Tags of the nearest labelled photos, scored by how near the labelled photos are at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.neighbour_voting import LabelledPhotos, choose_k
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float32, Float64


@register
@dataclass(eq=False)
class NearestNeighbourRejection:
    """score(x, t) = F(r(x)) times the votes for t over the most votes for any tag.

    Sun, Ming, Zhu, Li 2022, "Out-of-distribution detection with deep nearest neighbors": r(x) is the cosine to the
    `k`-th nearest labelled photo, 1 as tags have few labels: a larger k would reach other tags. F is the distribution
    of r in the library: the share of unlabelled photos that are no nearer to their labelled photo. Votes are those of
    "nearest-photos", `candidates` the numbers of voters to choose among; the best tag scores F alone.
    """

    k: int = 1
    candidates: tuple[int, ...] = (1, 3, 5, 10, 20, 50)

    name: ClassVar[str] = "nearest-neighbour-rejection"
    title: ClassVar[str] = "Nearest-neighbour rejection"
    family: ClassVar[Family] = Family.PROPAGATION
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED)
    paper: ClassVar[str] = "Sun et al. 2022, Out-of-distribution detection with deep nearest neighbors"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.labelled_ = LabelledPhotos(photos.features.values, tags)
        self.n_voters_ = choose_k(self.labelled_, self.candidates, prior=False)
        reference = photos if task.unlabelled is None else task.unlabelled
        self.reference_: Float64 = np.sort(self._cosines(reference.features.values))
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64 in 0..1; of tags with equal votes that of the nearer photo is first."""
        queries = photos.features.values
        votes = self.labelled_.votes(self.labelled_.neighbours(queries, self.n_voters_))
        votes += self.labelled_.tie_break(queries)
        rank = np.searchsorted(self.reference_, self._cosines(queries), side="right")
        known = (rank + 1) / (len(self.reference_) + 1)
        return np.asarray(known[:, None] * votes / np.maximum(votes.max(axis=1, keepdims=True), 1e-12))

    def _cosines(self, queries: Float32) -> Float64:
        """(n,) the cosine to the k-th nearest labelled photo, or to the last one of fewer."""
        return np.asarray(self.labelled_.neighbours(queries, self.k).similarities[:, -1], np.float64)
