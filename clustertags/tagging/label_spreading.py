"""Tags spread over the neighbour graph of all photos, labelled or not.

Label spreading (Zhou et al. 2004): F = (1 - a) (I - a D^-1/2 W D^-1/2)^-1 Y, summed as a power series. Next to
the tags an indicator of labelled photos is spread; the quotient of the two is a tag's share of the labels that reach a
photo. A new photo gets the weighted mean of its nearest fitted photos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.tagging.representation import closeness
from clustertags.types import Bool, Float32, Float64, Int32, Neighbours

SPREADING = 0.8
N_STEPS = 20
PRIOR_MASS = 1e-3
N_KEPT = 32


@dataclass(frozen=True, slots=True)
class SpreadTags:
    """The shares of tags that reached each fitted photo, the largest `N_KEPT` of them.

    `tags` (n_fitted, n_kept) int32, `shares` (n_fitted, n_kept) float32 in 0..1; `unreached` (n_fitted,) float32 in
    0..1: the weight of the prior; `prior` (n_tags,) float32.
    """

    tags: Int32
    shares: Float32
    unreached: Float32
    prior: Float32

    def look_up(self, neighbours: Neighbours) -> Float64:
        """(n, n_tags) float64 in 0..1: the mean over each photo's nearest fitted photos, weighted by closeness."""
        n, n_tags = len(neighbours.indices), len(self.prior)
        weights = closeness(neighbours)
        near = np.maximum(neighbours.indices, 0)
        total = np.zeros(n * n_tags)
        offsets = np.arange(n)[:, None] * n_tags
        unreached = 1.0 - weights.sum(axis=1)
        for rank in range(near.shape[1]):
            weight, row = weights[:, rank], near[:, rank]
            cells = (offsets + self.tags[row]).ravel()
            # A photo's kept tags are distinct, so no cell comes twice within one rank.
            total[cells] += (weight[:, None] * self.shares[row]).ravel()
            unreached += weight * self.unreached[row]
        result: Float64 = total.reshape(n, n_tags) + unreached[:, None] * self.prior
        return result

    def to_tensors(self) -> dict[str, NDArray[np.generic]]:
        return {f"spread.{name}": getattr(self, name) for name in ("tags", "shares", "unreached", "prior")}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]]) -> SpreadTags:
        return cls(**{name: np.asarray(tensors[f"spread.{name}"]) for name in ("tags", "shares", "unreached", "prior")})


@dataclass(frozen=True, slots=True)
class Spreading:
    """`spread` for prediction; `loo_shares` (n_tested, n_tags) float64: leave-one-out shares of labelled photos."""

    spread: SpreadTags
    loo_shares: Float64


def spread_tags(neighbours: Neighbours, photos: Int32, matrix: Bool | Float64, tested: NDArray[np.intp]) -> Spreading:
    """Spread the tags `matrix` (n_labelled, n_tags) of the fitted photos `photos` over the graph `neighbours`.

    `tested`: rows of `matrix` to compute leave-one-out shares of.
    """
    n = len(neighbours.indices)
    graph = _normalised_graph(neighbours)
    prior = matrix.mean(axis=0, dtype=np.float64)
    sources = np.zeros((n, matrix.shape[1] + 1), dtype=np.float32)
    sources[photos, :-1] = matrix
    sources[photos, -1] = 1.0
    reached = _spread(graph, sources)
    loo_shares = _leave_one_out(neighbours, graph, reached, _Tested(photos, matrix, tested))
    mass = reached[:, -1] + PRIOR_MASS
    shares = reached[:, :-1] / mass[:, None]
    n_kept = min(N_KEPT, shares.shape[1])
    tags = np.argsort(-shares, axis=1, kind="stable")[:, :n_kept].astype(np.int32)
    kept = np.take_along_axis(shares, tags, axis=1).astype(np.float32)
    spread = SpreadTags(tags, kept, (PRIOR_MASS / mass).astype(np.float32), prior.astype(np.float32))
    return Spreading(spread, loo_shares)


def _normalised_graph(neighbours: Neighbours) -> Any:
    """D^-1/2 W D^-1/2 as a sparse float32 matrix, see `neighbour_graph`."""
    from scipy.sparse import diags_array  # noqa: PLC0415

    graph = neighbour_graph(neighbours)
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    scale = diags_array((1.0 / np.sqrt(np.maximum(degrees, 1e-9))).astype(np.float32))
    return (scale @ graph @ scale).tocsr()


def neighbour_graph(neighbours: Neighbours) -> Any:
    """W, the cosines to the fourth power, as a sparse float32 matrix.

    An edge joins two photos where either is a neighbour of the other.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415

    n, k = neighbours.indices.shape
    weights = np.maximum(neighbours.similarities, 0.0).astype(np.float32) ** 4
    weights[neighbours.indices < 0] = 0.0
    rows = np.repeat(np.arange(n), k)
    graph = csr_array((weights.ravel(), (rows, np.maximum(neighbours.indices, 0).ravel())), shape=(n, n))
    return graph.maximum(graph.T)


def _spread(graph: Any, sources: Float32) -> Float32:
    reached = sources.copy()
    for _ in range(N_STEPS):
        reached = SPREADING * (graph @ reached) + (1.0 - SPREADING) * sources
    return reached


@dataclass(frozen=True, slots=True)
class _Tested:
    photos: Int32
    matrix: Bool | Float64
    rows: NDArray[np.intp]


def _leave_one_out(neighbours: Neighbours, graph: Any, reached: Float32, tested: _Tested) -> Float64:
    """Spreading is linear in its sources: subtract the photo's own contribution from what reached its neighbours."""
    photos, rows = tested.photos, tested.rows
    single = np.zeros((len(reached), len(rows)), dtype=np.float32)
    single[photos[rows], np.arange(len(rows))] = 1.0
    gain = _spread(graph, single)
    weights = closeness(neighbours)
    labels = tested.matrix.astype(np.float64)
    priors = (labels.sum(axis=0) - labels) / max(len(labels) - 1, 1)
    result = np.empty((len(rows), labels.shape[1]))
    for at, row in enumerate(rows):
        photo = photos[row]
        near, weight = np.maximum(neighbours.indices[photo], 0), weights[photo]
        own = gain[near, at].astype(np.float64)[:, None]
        tags = np.maximum(reached[near, :-1] - own * labels[row], 0.0)
        mass = np.maximum(reached[near, -1:] - own, 0.0)
        shares = (tags + PRIOR_MASS * priors[row]) / (mass + PRIOR_MASS)
        result[at] = weight @ shares + (1.0 - weight.sum()) * priors[row]
    return result
