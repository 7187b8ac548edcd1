"""ConSE: a convex combination of the vectors of the classifier's likeliest classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from clustertags.benchmark.method_building_blocks.zero_shot_semantics import (
    Overlap,
    allowed_outputs,
    require_encoder,
    vectors_of,
)
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.names.name_prior import conse_vectors
from clustertags.names.name_vectors import class_vectors
from clustertags.types import Bool, Float64


@register
class ConSE:
    """f(x) = sum over the T likeliest classes of p(y|x) s(y) / Z; tags by their cosine with f(x).

    With T = 1 it is the nearest name to the likeliest class. It does not use the labelled photos.
    """

    name: ClassVar[str] = "conse"
    title: ClassVar[str] = "ConSE"
    family: ClassVar[Family] = Family.ZERO_SHOT
    needs: ClassVar[tuple[Need, ...]] = (Need.OUTPUTS, Need.WORD_VECTORS)
    paper: ClassVar[str] = "Norouzi et al. 2014, Zero-shot learning by convex combination of semantic embeddings"

    def __init__(self, n_likeliest: int = 10, overlap: Overlap = "remove") -> None:
        self.n_likeliest = n_likeliest
        self.overlap = overlap

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.encoder_ = require_encoder(task)
        self.names_ = task.names
        self.classes_ = class_vectors(self.encoder_).astype("float64")
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> Float64:
        outputs = allowed_outputs(photos, candidates, self.names_, self.overlap)
        placed = conse_vectors(outputs, self.classes_, self.n_likeliest)
        scores: Float64 = placed @ vectors_of(self.encoder_, candidates).T
        return scores
