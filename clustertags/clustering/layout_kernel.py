"""The inner loop of the layout, compiled by numba; imported only when photos are laid out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np

_N_NEGATIVE = 5  # negative samples (repulsions) for each attraction along an edge, as in umap-learn
_LONGEST_STEP = np.float32(4.0)  # the largest move of a coordinate in one step, as in umap-learn
_EPSILON = np.float32(0.001)
_ONE, _TWO = np.float32(1), np.float32(2)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Edges(NamedTuple):
    """A graph by rows: `indptr` (n + 1,) int64, `indices` (n_edges,) int32, `weights` (n_edges,) float32 in 0..1."""

    indptr: Any
    indices: Any
    weights: Any


class Step(NamedTuple):
    """Which epoch it is, int64; the learning rate and the curve's a and b, float32; the seed, uint64."""

    number: Any
    rate: Any
    a: Any
    b: Any
    seed: Any


@numba.njit(cache=True, nogil=True)
def _mixed(x: Any) -> Any:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a counter becomes 64 random bits."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _move(here: Any, there: Any, step: Step, pull: bool) -> None:
    """Move `here`, (d,) float32, towards `there` or away from it, by the gradient of UMAP's cross entropy."""
    squared = np.float32(0)
    for c in range(len(here)):
        squared += (here[c] - there[c]) ** 2
    if squared == 0:
        return
    power = squared**step.b
    if pull:
        slope = -_TWO * step.a * step.b * power / (squared * (_ONE + step.a * power))
    else:
        slope = _TWO * step.b / ((_EPSILON + squared) * (_ONE + step.a * power))
    for c in range(len(here)):
        change = slope * (here[c] - there[c])
        here[c] += step.rate * min(max(change, -_LONGEST_STEP), _LONGEST_STEP)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def epoch(edges: Edges, step: Step, before: Any, after: Any, block: Any) -> None:
    """Move the photos block[0] .. block[1]-1 once: reads `before`, writes their rows of `after`, (n, d) float32.

    An edge of weight w (the heaviest has 1) is drawn in the share w of the epochs. umap-learn pulls a photo twice,
    once as the head of the edge and once as its tail; so it is here, one pull after the other.
    """
    n, d = before.shape
    here = np.empty(d, np.float32)
    for i in range(block[0], block[1]):
        here[:] = before[i]
        state = _mixed(step.seed * _GOLDEN + _mixed(np.uint64(step.number) * _GOLDEN + np.uint64(i)))
        for edge in range(edges.indptr[i], edges.indptr[i + 1]):
            weight = edges.weights[edge]
            if int((step.number + 1) * weight) == int(step.number * weight):
                continue
            near = before[edges.indices[edge]]
            _move(here, near, step, True)
            _move(here, near, step, True)
            for _ in range(_N_NEGATIVE):
                state += _GOLDEN
                other = np.int64(_mixed(state) % np.uint64(n))
                if other != i:
                    _move(here, before[other], step, False)
        after[i] = here
