"""Principal components, the same to the last bit on any number of threads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustertags.types import Float32, Float64, Projection

_CHUNK = 4_096


@dataclass(frozen=True, slots=True)
class FittedProjection:
    """`space`: (n_photos, n_components) float32, the projection of the features it was fitted to."""

    projection: Projection
    space: Float32


def fit_projection(values: Float32, n_components: int) -> FittedProjection:
    """PCA of (n_photos, n_features) float32; at most n_photos - 1 components, and at least one."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415

    n = len(values)
    # One thread, as sums split among threads are rounded in another order, and the layout magnifies the difference.
    with threadpool_limits(1, user_api="blas"):
        mean = values.mean(axis=0, dtype=np.float64)
        axes = principal_axes(values, mean, n_components)
        projection = Projection(mean.astype(np.float32), axes.astype(np.float32))
        space = np.concatenate([projection.project(values[i : i + _CHUNK]) for i in range(0, n, _CHUNK)])
    return FittedProjection(projection, space)


def principal_plane(embedding: Float32) -> Float32:
    """The embedding, (n_photos, n_components) float32, on its first two principal axes: (n_photos, 2) float32."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    with threadpool_limits(1, user_api="blas"):
        mean = embedding.mean(axis=0, dtype=np.float64)
        axes = principal_axes(embedding, mean, 2)
        plane = np.zeros((len(embedding), 2), np.float32)
        plane[:, : axes.shape[1]] = (embedding - mean) @ axes
    return plane


def principal_axes(values: Float32, mean: Float64, n_components: int) -> Float64:
    """(n_features, k) float64, orthonormal columns by falling variance, each with its largest entry positive.

    From the eigenvectors of the covariance or, where photos are fewer than features, of their Gram matrix.
    """
    from scipy.linalg import eigh  # noqa: PLC0415

    n, d = values.shape
    kept = max(1, min(n_components, n - 1, d))
    if n <= d:
        centred = values - mean
        _, vectors = eigh(centred @ centred.T, subset_by_index=(n - kept, n - 1))
        axes = centred.T @ vectors[:, ::-1]
        axes /= np.maximum(np.linalg.norm(axes, axis=0), 1e-12)
    else:
        covariance = np.zeros((d, d))
        for start in range(0, n, _CHUNK):
            part = (values[start : start + _CHUNK] - mean).astype(np.float32)
            covariance += part.T @ part
        _, vectors = eigh(covariance, subset_by_index=(d - kept, d - 1))
        axes = vectors[:, ::-1]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(kept)]
    return np.asarray(axes * np.where(largest < 0, -1.0, 1.0), np.float64)
