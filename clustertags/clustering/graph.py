"""The weighted neighbour graph that UMAP lays out: who is near whom, and how near for that place's density."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustertags.types import Float32, Neighbours

_BISECTIONS = 64
_LEAST_SCALE = 1e-3  # of the mean distance: UMAP's floor, which keeps the scale of duplicates away from 0


def fuzzy_graph(neighbours: Neighbours) -> Any:
    """UMAP's symmetric graph as a `scipy.sparse.csr_array` (n_photos, n_photos) float32, weights in 0..1.

    `neighbours`: of every photo, itself excluded. A photo's tie to its j-th neighbour is
    exp(-max(0, d_j - rho) / sigma), rho the distance to the nearest that is not identical, and sigma such that the
    ties sum to log2(k + 1); two directions a and b become a + b - ab (McInnes, Healy, Melville 2018, sections 3.1
    and 4.2).
    """
    from scipy.sparse import csr_array  # noqa: PLC0415

    n, k = neighbours.indices.shape
    if k == 0:
        return csr_array((n, n), dtype=np.float32)
    indptr = k * np.arange(n + 1)
    directed = csr_array((ties(neighbours).ravel(), neighbours.indices.ravel(), indptr), shape=(n, n))
    transposed = directed.T.tocsr()
    graph = (directed + transposed - directed.multiply(transposed)).tocsr()
    graph.sort_indices()
    return graph


def ties(neighbours: Neighbours) -> Float32:
    """Strength of each photo's ties, (n_photos, k) float32, not yet symmetric; sigma is found by bisection."""
    distances = np.maximum(1 - neighbours.similarities.astype(np.float64), 0)
    target = np.log2(distances.shape[1] + 1)
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1, keepdims=True)
    excess = np.maximum(distances - np.where(np.isfinite(nearest), nearest, 0), 0)
    low, high = np.zeros((len(distances), 1)), np.full((len(distances), 1), np.inf)
    sigma = np.ones((len(distances), 1))
    for _ in range(_BISECTIONS):
        above = np.exp(-excess / sigma).sum(axis=1, keepdims=True) > target
        high = np.where(above, sigma, high)
        low = np.where(above, low, sigma)
        sigma = np.where(np.isinf(high), 2 * sigma, (low + high) / 2)
    floor = np.maximum(_LEAST_SCALE * distances.mean(axis=1, keepdims=True), 1e-12)
    # Where no sigma reaches the target (duplicates alone exceed it), sigma falls to the floor and ties stay 1 or 0.
    return np.asarray(np.exp(-excess / np.clip(sigma, floor, 1e6)), np.float32)
