"""Tags spread over the neighbour graph of all photos, labelled or not.

Label spreading (Zhou et al. 2004): F = (1 - a) (I - a D^-1/2 W D^-1/2)^-1 Y, summed as a power series. Beside the tags
the presence of a label is spread too, and the quotient of the two is the share of the labels that reach a photo which
carry the tag. A new photo takes the weighted mean of its nearest fitted photos.
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
    """What has reached each fitted photo, the strongest tags alone.

    `tags` (n_fitted, n_kept) int32, `shares` (n_fitted, n_kept) float32 in 0..1; `unreached` (n_fitted,) float32 in
    0..1 is the weight of the prior; `prior` (n_tags,) float32.
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
    """`spread` for use, and `left_out` (n_tested, n_tags) float64: what reaches each tested labelled photo when its own
    tags are not spread.
    """

    spread: SpreadTags
    left_out: Float64


def spread_tags(neighbours: Neighbours, photos: Int32, matrix: Bool, tested: NDArray[np.intp]) -> Spreading:
    """Spread the tags `matrix` (n_labelled, n_tags) of the fitted photos `photos` over the graph `neighbours`.

    `tested` are rows of `matrix` for which the left-out shares are wanted.
    """
    n = len(neighbours.indices)
    graph = _normalised_graph(neighbours)
    prior = matrix.mean(axis=0, dtype=np.float64)
    sources = np.zeros((n, matrix.shape[1] + 1), dtype=np.float32)
    sources[photos, :-1] = matrix
    sources[photos, -1] = 1.0
    reached = _spread(graph, sources)
    left_out = _left_out(neighbours, graph, reached, _Tested(photos, matrix, tested))
    mass = reached[:, -1] + PRIOR_MASS
    shares = reached[:, :-1] / mass[:, None]
    n_kept = min(N_KEPT, shares.shape[1])
    tags = np.argsort(-shares, axis=1, kind="stable")[:, :n_kept].astype(np.int32)
    kept = np.take_along_axis(shares, tags, axis=1).astype(np.float32)
    spread = SpreadTags(tags, kept, (PRIOR_MASS / mass).astype(np.float32), prior.astype(np.float32))
    return Spreading(spread, left_out)


def _normalised_graph(neighbours: Neighbours) -> Any:
    """D^-1/2 W D^-1/2 as a sparse float32 matrix, W the cosines to the fourth power, an edge where either is near."""
    from scipy.sparse import csr_array, diags_array  # noqa: PLC0415

    n, k = neighbours.indices.shape
    weights = np.maximum(neighbours.similarities, 0.0).astype(np.float32) ** 4
    weights[neighbours.indices < 0] = 0.0
    rows = np.repeat(np.arange(n), k)
    graph = csr_array((weights.ravel(), (rows, np.maximum(neighbours.indices, 0).ravel())), shape=(n, n))
    graph = graph.maximum(graph.T)
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    scale = diags_array((1.0 / np.sqrt(np.maximum(degrees, 1e-9))).astype(np.float32))
    return (scale @ graph @ scale).tocsr()


def _spread(graph: Any, sources: Float32) -> Float32:
    reached = sources.copy()
    for _ in range(N_STEPS):
        reached = SPREADING * (graph @ reached) + (1.0 - SPREADING) * sources
    return reached


@dataclass(frozen=True, slots=True)
class _Tested:
    photos: Int32
    matrix: Bool
    rows: NDArray[np.intp]


def _left_out(neighbours: Neighbours, graph: Any, reached: Float32, tested: _Tested) -> Float64:
    """The spread is linear in its sources: take from what reached the neighbours what came from the photo itself."""
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
