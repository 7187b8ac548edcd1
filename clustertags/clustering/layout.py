"""UMAP's layout by stochastic gradient descent, in a form that gives the same answer on any number of threads.

umap-learn moves both ends of an edge as soon as it is drawn: the result depends on the order of edges, so that a
seeded run has to use one thread. Here every photo is moved by its own edges alone, against where the others stood at
the end of the epoch before, and draws its random numbers from a counter. Photos can then be shared out among threads
freely: plain threads, as the compiled loop releases the interpreter's lock, and numba's own pools can abort a server
that enters them twice. Loss, learning rates and schedule are those of UMAP (McInnes, Healy, Melville 2018).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from clustertags.support.cores import usable_cores
from clustertags.types import Float32

_LEAST_PHOTOS_A_THREAD = 256
_EXTENT = 10.0  # side of the box in which the layout starts, as in umap-learn


@dataclass(frozen=True, slots=True)
class Curve:
    """Similarity in the layout as a function of distance x: 1 / (1 + a x^2b). Values fitted by umap-learn 0.5.12."""

    a: float
    b: float


TIGHT = Curve(1.9328083975445887, 0.7904949728905573)  # min_dist 0: dense cores, for clustering
AIRY = Curve(1.5769434603113077, 0.8950608779109733)  # min_dist 0.1: photos do not cover each other, for the eye


def lay_out(graph: Any, start: Float32, *, curve: Curve, n_epochs: int, seed: int) -> Float32:
    """Positions of the photos: (n_photos, n_components) float32, finite.

    `graph`: what `fuzzy_graph` returns. `start`: (n_photos, n_components) float32, scaled here; identical rows are
    set apart by a little noise.
    """
    positions = in_a_box(start, seed)
    if graph.nnz == 0:
        return positions
    from clustertags.clustering.layout_kernel import Edges, Step, epoch  # noqa: PLC0415  numba loads for a second

    weights = (graph.data / graph.data.max()).astype(np.float32)
    edges = Edges(graph.indptr.astype(np.int64), graph.indices.astype(np.int32), weights)
    n = len(positions)
    n_threads = max(1, min(usable_cores(), n // _LEAST_PHOTOS_A_THREAD))
    # More blocks than threads, as some photos have many more edges than others.
    bounds = np.linspace(0, n, 4 * n_threads + 1 if n_threads > 1 else 2).astype(np.int64)
    moved = np.empty_like(positions)
    with ThreadPoolExecutor(n_threads) as pool:
        for number in range(n_epochs):
            rate = np.float32(1 - number / n_epochs)
            step = Step(np.int64(number), rate, np.float32(curve.a), np.float32(curve.b), np.uint64(seed))
            jobs = [
                pool.submit(epoch, edges, step, positions, moved, (first, last)) for first, last in pairwise(bounds)
            ]
            for job in jobs:
                job.result()
            positions, moved = moved, positions
    return positions


def in_a_box(start: Float32, seed: int) -> Float32:
    """The start in a box of side 10, with noise so that no two photos stand on the same spot."""
    low = start.min(axis=0)
    extent = float((start.max(axis=0) - low).max())
    box = (start - low) * (_EXTENT / extent) if extent > 0 else np.zeros_like(start)
    noise = np.random.default_rng(seed).normal(scale=1e-3 * _EXTENT, size=start.shape)
    return np.ascontiguousarray(box + noise, dtype=np.float32)
