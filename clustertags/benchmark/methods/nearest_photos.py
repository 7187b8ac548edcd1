"""Votes of the nearest labelled photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from clustertags.benchmark.method_building_blocks.neighbour_voting import LabelledPhotos, choose_k
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class NearestPhotos:
    """score(x, t) = the number of the k nearest labelled photos with t; ties go to the tag of the nearer photo.

    `k`: fixed, or None to choose it among `candidates` by leave-one-out on the labelled photos.
    """

    k: int | None = None
    candidates: tuple[int, ...] = (1, 3, 5, 10, 20, 50)

    name: ClassVar[str] = "nearest-photos"
    title: ClassVar[str] = "Nearest labelled photos"
    family: ClassVar[Family] = Family.PROPAGATION
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Makadia, Pavlovic, Kumar 2008, A new baseline for image annotation; votes, not transfer"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.labelled_ = LabelledPhotos(photos.features.values, tags)
        self.k_ = self.k or choose_k(self.labelled_, self.candidates, prior=False)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: votes plus a tie-break below 1e-5."""
        queries = photos.features.values
        return self.labelled_.votes(self.labelled_.neighbours(queries, self.k_)) + self.labelled_.tie_break(queries)
