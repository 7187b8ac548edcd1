"""TagVote: neighbours' votes, minus those expected from the frequency of the tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.learnable_tags import LearnableTags
from clustertags.benchmark.method_building_blocks.neighbour_voting import LabelledPhotos, choose_k, vote_scores
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class TagVote:
    """score(x, t) = votes of the k nearest labelled photos for t - k freq(t) / N; one vote a user, where users are
    known. Li, Snoek, Worring 2009, "Learning social tag relevance by neighbor voting".

    `k`: fixed, or None to choose it among `candidates` by leave-one-out on the labelled photos.
    """

    k: int | None = None
    candidates: tuple[int, ...] = (1, 3, 5, 10, 20, 50)

    name: ClassVar[str] = "tag-vote"
    title: ClassVar[str] = "TagVote"
    family: ClassVar[Family] = Family.PROPAGATION
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Li, Snoek, Worring 2009, Learning social tag relevance by neighbor voting"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.labelled_ = LabelledPhotos(photos.features.values, tags, photos.users)
        self.k_ = self.k or choose_k(self.labelled_, self.candidates, prior=True)
        self.frequency_: Float64 = tags.mean(axis=0, dtype=np.float64)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: votes above chance plus a tie-break below 1e-5; a tag without a labelled photo is 1
        below the lowest.
        """
        queries = photos.features.values
        near = self.labelled_.neighbours(queries, self.k_)
        votes = vote_scores(self.labelled_.votes(near), near.indices.shape[1], self.frequency_)
        scores = votes + self.labelled_.tie_break(queries)
        # A tag without a labelled photo has 0 votes, more than a frequent tag below its expectation.
        learnable = LearnableTags.with_photos(self.labelled_.tags)
        return learnable.expand(scores[:, learnable.columns], len(scores))
