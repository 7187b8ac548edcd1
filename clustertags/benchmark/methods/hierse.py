"""HierSE: vectors of names averaged with those of their hypernyms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.zero_shot_semantics import Overlap, allowed_outputs, require_encoder
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.names.name_prior import conse_vectors
from clustertags.names.name_vectors import Encoder, unit
from clustertags.names.synsets import load_synsets
from clustertags.types import Bool, Float64


@register
class HierSE:
    """s(y) = sum over l of e^-l v(ancestor l of y) / sum of e^-l, at most 7 names of one chain; then as in ConSE.

    l = 0 is the label itself. The paper averages the words of a name; here a sentence encoder encodes the whole name. A
    tag outside of the hierarchy has its own vector.
    """

    name: ClassVar[str] = "hierse"
    title: ClassVar[str] = "HierSE"
    family: ClassVar[Family] = Family.ZERO_SHOT
    needs: ClassVar[tuple[Need, ...]] = (Need.OUTPUTS, Need.WORD_VECTORS, Need.ATTRIBUTES)
    paper: ClassVar[str] = "Li et al. 2015, Zero-shot image tagging by hierarchical semantic embedding"

    def __init__(self, n_names: int = 7, n_likeliest: int = 10, overlap: Overlap = "remove") -> None:
        self.n_names = n_names
        self.n_likeliest = n_likeliest
        self.overlap = overlap

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.encoder_ = require_encoder(task)
        self.names_ = task.names
        self.classes_ = hierarchical_vectors(self.encoder_, range(1000), self.n_names)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> Float64:
        outputs = allowed_outputs(photos, candidates, self.names_, self.overlap)
        placed = conse_vectors(outputs, self.classes_, self.n_likeliest)
        linked = [load_synsets().link(name) for name in candidates]
        vectors = [
            hierarchical_vectors(self.encoder_, synsets[:1], self.n_names, name)[0]
            if synsets
            else self.encoder_.encode([name])[0]
            for name, synsets in zip(candidates, linked, strict=True)
        ]
        scores: Float64 = placed @ unit(np.array(vectors, np.float32)).astype(np.float64).T
        return scores


def hierarchical_vectors(encoder: Encoder, synsets: Sequence[int], n_names: int, own: str | None = None) -> Float64:
    """(n, n_dimensions) float64, unit rows; `own` replaces the synset's first name."""
    known = load_synsets()
    found = []
    for synset in synsets:
        names = [known.names[at][0] for at in known.chain(synset, n_names)]
        names[0] = own or names[0]
        weights = np.exp(-np.arange(len(names)))
        found.append(weights @ encoder.encode(names).astype(np.float64) / weights.sum())
    return unit(np.array(found, np.float32)).astype(np.float64)
