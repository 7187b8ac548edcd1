"""Scores by tag names, as in `clustertags tag --candidates`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from clustertags.benchmark.method_building_blocks.zero_shot_semantics import Overlap, allowed_outputs, require_encoder
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.names.tag_names import encode_tag_names
from clustertags.types import Bool, Float64


@register
class NamedCandidates:
    """ConSE with standardised cosines and the probability of the classes that a tag names: see `names/tag_names.py`."""

    name: ClassVar[str] = "by-name"
    title: ClassVar[str] = "clustertags, by name"
    family: ClassVar[Family] = Family.ZERO_SHOT
    needs: ClassVar[tuple[Need, ...]] = (Need.OUTPUTS, Need.WORD_VECTORS)
    paper: ClassVar[str] = "this program"

    def __init__(self, overlap: Overlap = "remove") -> None:
        self.overlap = overlap

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.encoder_ = require_encoder(task)
        self.names_ = task.names
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> Float64:
        outputs = allowed_outputs(photos, candidates, self.names_, self.overlap)
        return encode_tag_names(self.encoder_, candidates).scores(outputs)
