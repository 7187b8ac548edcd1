"""The layout by umap-learn; imported only where it was asked for, as umap-learn takes seconds to load and compile."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from clustertags.clustering.layout import in_a_box
from clustertags.types import Float32, Neighbours

_FEWEST_PHOTOS = 4  # below this UMAP has no neighbourhood to go by
# The spectral start takes as many eigenvectors of the graph as there are dimensions; of few photos there are too few.
_FEWEST_FOR_SPECTRAL = 4


def lay_out_by_umap_learn(
    space: Float32,
    neighbours: Neighbours,
    start: Float32,
    *,
    min_dist: float,
    seed: int,
    spectral: bool,
) -> Float32:
    """Positions of the photos, (n_photos, n_components) float32, by `umap.UMAP` with its own defaults.

    `space`: (n_photos, n_pca) float32, rows of unit length; `neighbours`: of every photo, itself excluded. `start`:
    (n_photos, n_components) float32, from where the photos go unless `spectral` asks for umap-learn's own start. The
    same arguments give the same bits: umap-learn runs on one thread then.
    """
    n, n_components = start.shape
    boxed = in_a_box(start, seed)
    if n < _FEWEST_PHOTOS:
        return boxed
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415

    known = _with_themselves(neighbours)
    reducer = _umap()(
        n_neighbors=known[0].shape[1],
        n_components=n_components,
        metric="cosine",
        min_dist=min_dist,
        init="spectral" if spectral and n >= _FEWEST_FOR_SPECTRAL * n_components else boxed,
        random_state=seed,
        n_jobs=1,
        precomputed_knn=known,
    )
    # Of new photos, whose neighbours it would have to seek, it is never asked; and where the graph's eigenvectors
    # cannot be told apart it says that it starts at random.
    with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
        warnings.simplefilter("ignore")
        return np.ascontiguousarray(reducer.fit_transform(space), np.float32)


def _umap() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # that its other half, which needs TensorFlow, is missing
        from umap import UMAP  # noqa: PLC0415

    return UMAP


def _with_themselves(neighbours: Neighbours) -> tuple[np.ndarray, np.ndarray]:
    """Indices and cosine distances as umap-learn takes them: each photo is the first of its own neighbours."""
    n = len(neighbours.indices)
    indices = np.column_stack([np.arange(n), neighbours.indices]).astype(np.int32)
    distances = np.maximum(1 - neighbours.similarities, 0)
    return indices, np.column_stack([np.zeros(n), distances]).astype(np.float32)
