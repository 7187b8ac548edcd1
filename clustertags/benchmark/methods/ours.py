"""The program itself, and each of the parts that it fuses by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.contract import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_parts.product_fit import fit_product
from clustertags.benchmark.registry import register
from clustertags.tagging.fusion import WEIGHTED_COMPONENTS
from clustertags.types import Bool, Float64

_PAPER = "this program, docs/how-it-works/architecture.md and docs/results/quality.md"


@dataclass(eq=False)
class _Ours:
    """`layout_seed` of the layout and the clusters: one layout for all draws of labels, as a person has one.

    `reused_seconds_`: what an earlier row spent on what this one shares with it.
    """

    layout_seed: int = 0

    family: ClassVar[Family] = Family.OURS
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED)
    paper: ClassVar[str] = _PAPER
    voice: ClassVar[str | None] = None

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.n_tags_ = tags.shape[1]
        heard = task if Need.WORD_VECTORS in self.needs else replace(task, words=None)
        self.fitted_ = fit_product(photos, tags, heard, self.layout_seed) if tags.any() else None
        self.reused_seconds_ = self.fitted_.reused_seconds if self.fitted_ else 0.0
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: calibrated 0..1 when fused, else in the voice's own unit; a tag without a labelled photo
        stands 1 below the lowest.
        """
        if self.fitted_ is None:
            return np.zeros((len(photos), self.n_tags_))
        if self.voice is None:
            return self.fitted_.fused(photos.features)
        return self.fitted_.voice(photos.features, WEIGHTED_COMPONENTS.index(self.voice))


@register
class Fused(_Ours):
    """What `clustertags fit` and `clustertags tag` do: all parts, weighed and calibrated."""

    name: ClassVar[str] = "clustertags"
    title: ClassVar[str] = "clustertags"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED, Need.WORD_VECTORS)


@register
class WithoutNames(_Ours):
    """The same without the names of tags, which most other methods do not read either."""

    name: ClassVar[str] = "without-names"
    title: ClassVar[str] = "clustertags, names unread"


@register
class ClusterTagsAlone(_Ours):
    """The share of the cluster's labelled photos that carry the tag, shrunk towards the share of all."""

    name: ClassVar[str] = "cluster-tags"
    title: ClassVar[str] = "The cluster's tags alone"
    voice: ClassVar[str | None] = "cluster"


@register
class HeadAlone(_Ours):
    """The ridge regression on three views of the photo, from where the tags' names begin."""

    name: ClassVar[str] = "head"
    title: ClassVar[str] = "The head alone, with names"
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED, Need.WORD_VECTORS)
    voice: ClassVar[str | None] = "head"


@register
class NeighboursAlone(_Ours):
    """The votes of the nearest labelled photos, in the views' principal components."""

    name: ClassVar[str] = "neighbours"
    title: ClassVar[str] = "The neighbours alone"
    voice: ClassVar[str | None] = "neighbours"


@register
class GraphAlone(_Ours):
    """Tags spread over the graph of all training photos."""

    name: ClassVar[str] = "graph"
    title: ClassVar[str] = "The graph alone"
    voice: ClassVar[str | None] = "graph"
