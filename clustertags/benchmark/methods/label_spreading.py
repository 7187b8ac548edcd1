"""Label spreading over the graph of labelled and unlabelled photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.neighbour_voting import LabelledPhotos
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.neighbours import nearest
from clustertags.types import Bool, Float64, Neighbours

_PRECISION = 1e-9


@register
@dataclass(eq=False)
class LabelSpreading:
    """F = (1 - a) (I - a D^-1/2 W D^-1/2)^-1 Y over the labelled and unlabelled training photos.

    Zhou, Bousquet, Lal, Weston, Schölkopf 2004, "Learning with local and global consistency". W is exp(-d² / 2s²)
    between each photo and its `k` nearest, d² = 2 - 2 cos and s² its mean over them; `alpha` is a. The system is
    symmetric and positive definite: conjugate gradients give the closed form. A new photo takes the mean of its `k`
    nearest training photos' F, weighted by the same kernel (Delalleau, Bengio, Le Roux 2005).
    """

    k: int = 15
    alpha: float = 0.9

    name: ClassVar[str] = "label-spreading"
    title: ClassVar[str] = "Label spreading"
    family: ClassVar[Family] = Family.PROPAGATION
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.UNLABELLED)
    paper: ClassVar[str] = "Zhou et al. 2004, Learning with local and global consistency"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        own = photos.features.values
        rest = own[:0] if task.unlabelled is None else task.unlabelled.features.values
        self.labelled_ = LabelledPhotos(own, tags)
        self.values_ = np.concatenate([own, rest])
        near = nearest(self.values_, self.values_, self.k, exclude_self=True)
        distances = _squared_distances(near)
        self.width_ = max(float(distances.mean()), 1e-6) if distances.size else 1.0
        self.graph_ = self._normalised(near)
        sources = np.zeros((len(self.values_), tags.shape[1]))
        sources[: len(own)] = tags
        self.spread_: Float64 = self._solve(sources)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64, spread labels of the nearest photos; tags with none are ordered by the tie-break."""
        queries = photos.features.values
        near = nearest(self.values_, queries, self.k)
        # The nearest one has weight 1: far from all photos, exp() of all distances would underflow.
        distances = _squared_distances(near)
        weights = np.exp((distances[:, :1] - distances) / (2 * self.width_))
        weights /= weights.sum(axis=1, keepdims=True)
        reached = np.einsum("nk,nkt->nt", weights, self.spread_[near.indices])
        return np.asarray(reached + self.labelled_.tie_break(queries) * 1e-3)

    def _normalised(self, near: Neighbours) -> Any:
        """D^-1/2 W D^-1/2, sparse; with an edge where either photo is a neighbour of the other."""
        from scipy.sparse import csr_array, diags_array  # noqa: PLC0415

        n, k = near.indices.shape
        weights = np.exp(-_squared_distances(near) / (2 * self.width_))
        rows = np.repeat(np.arange(n), k)
        graph = csr_array((weights.ravel(), (rows, near.indices.ravel())), shape=(n, n))
        graph = graph.maximum(graph.T)
        scale = diags_array(1 / np.sqrt(np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-300)))
        return (scale @ graph @ scale).tocsr()

    def _solve(self, sources: Float64) -> Float64:
        from scipy.sparse import eye_array  # noqa: PLC0415
        from scipy.sparse.linalg import cg  # noqa: PLC0415

        system = (eye_array(len(sources), format="csr") - self.alpha * self.graph_).tocsr()
        solved = np.zeros_like(sources)
        for tag in np.flatnonzero(sources.any(axis=0)):
            # The eigenvalues lie in 1 - a .. 1 + a, so that it converges well before scipy's iteration limit.
            solved[:, tag] = cg(system, sources[:, tag], rtol=_PRECISION)[0]
        return (1 - self.alpha) * solved


def _squared_distances(near: Neighbours) -> Float64:
    return np.maximum(2 - 2 * near.similarities.astype(np.float64), 0)
