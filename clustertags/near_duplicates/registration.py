"""Pairs of small grey pictures laid over each other: how well they agree where one shows a part of the other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Float32

# Widths of the pictures, coarse to fine, on which the scale and shift are sought, and the steps on each.
_PYRAMID = ((8, 5), (16, 4), (32, 3))
_MARGIN = 1 / 16  # of the first picture's side, which the second need not cover
_MOST_CHANGE = 0.18  # of scale
_MOST_SHIFT = 0.1  # of the side
_MOST_STEP = 0.05
_DAMPING = 1e-3
_CHUNK_PAIRS = 500

# Light that changes slowly over the picture is alike in many pictures, so this share of it is removed.
_SLOW_SHARE = 0.85
_BLUR_PIXELS, _SLOW_PIXELS = 0.85, 2.0


def prepare_pictures(pictures: NDArray[np.uint8]) -> Float32:
    """(n_photos, side, side) float32 of (n_photos, side, side) uint8: a little blurred, so that resampling at another
    place changes little, and with less of what varies slowly.
    """
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415

    fine = gaussian_filter(pictures.astype(np.float32), (0, _BLUR_PIXELS, _BLUR_PIXELS))
    return np.asarray(fine - _SLOW_SHARE * gaussian_filter(fine, (0, _SLOW_PIXELS, _SLOW_PIXELS)), np.float32)


def coarse_correlations(prepared: Float32, first: NDArray[np.intp], second: NDArray[np.intp]) -> Float32:
    """(n_pairs,) float32 in -1..1: the correlation of pairs of pictures as they lie, at a quarter of the size."""
    flat = _standardised(_halved(_halved(prepared))).reshape(len(prepared), -1)
    parts = range(0, len(first), 1 << 16)
    found = [np.einsum("ij,ij->i", flat[first[i : i + (1 << 16)]], flat[second[i : i + (1 << 16)]]) for i in parts]
    return np.concatenate([np.zeros(0, np.float32), *found])


def registered_correlations(prepared: Float32, first: NDArray[np.intp], second: NDArray[np.intp]) -> Float32:
    """(n_pairs,) float32 in -1..1: the correlation of pairs of pictures at the scale and shift, in each direction, that
    raise it most. The second need not cover the edges of the first.

    Gauss-Newton steps from coarse to fine (Lucas and Kanade 1981; Baker and Matthews 2004).
    """
    best = np.empty(len(first), np.float32)
    for start in range(0, len(first), _CHUNK_PAIRS):
        pairs = slice(start, start + _CHUNK_PAIRS)
        best[pairs] = _register(prepared[first[pairs]], prepared[second[pairs]])
    return best


def _register(fixed: Float32, moving: Float32) -> Float32:
    levels = [(fixed, moving)]
    for _ in pairwise(_PYRAMID):
        levels.append((_halved(levels[-1][0]), _halved(levels[-1][1])))
    warp = np.tile(np.array([1, 1, 0, 0], np.float32), (len(fixed), 1))
    found = np.zeros(len(fixed), np.float32)
    for (_, n_steps), (under, over) in zip(_PYRAMID, reversed(levels), strict=True):
        warp, found = _refine(under, over, warp, n_steps)
    return found


def _refine(fixed: Float32, moving: Float32, warp: Float32, n_steps: int) -> tuple[Float32, Float32]:
    """The best warp of `n_steps` and its correlation. `warp`: (n_pairs, 4), the scale down and across about the centre,
    then the shift down and across in sides.
    """
    side = fixed.shape[1]
    margin = max(1, round(_MARGIN * side))
    grid = (np.arange(margin, side - margin) - (side - 1) / 2).astype(np.float32)
    target = _standardised(fixed[:, margin:-margin, margin:-margin])
    best, best_warp = np.full(len(fixed), -2, np.float32), warp
    for step in range(n_steps + 1):
        rows = _interpolation(warp[:, 0:1] * grid + side * warp[:, 2:3], side)
        columns = _interpolation(warp[:, 1:2] * grid + side * warp[:, 3:4], side)
        seen = _standardised(np.asarray(rows @ moving @ columns.transpose(0, 2, 1), np.float32))
        found = np.einsum("ijk,ijk->i", target, seen)
        better = found > best
        best = np.where(better, found, best)
        best_warp = np.where(better[:, None], warp, best_warp)
        if step < n_steps:
            warp = _step(target, seen, grid, warp)
    return best_warp, best


def _step(target: Float32, seen: Float32, grid: Float32, warp: Float32) -> Float32:
    down, across = np.gradient(seen, axis=1), np.gradient(seen, axis=2)
    side = len(grid)
    slopes = np.stack([down * grid[:, None], across * grid, side * down, side * across], axis=1)
    slopes = slopes.reshape(len(seen), 4, -1)
    flat = seen.reshape(len(seen), 1, -1)
    slopes -= slopes.mean(axis=2, keepdims=True)
    slopes -= (slopes @ flat.transpose(0, 2, 1)) * flat
    curvature = slopes @ slopes.transpose(0, 2, 1)
    damping = _DAMPING * np.einsum("ijj->ij", curvature) + 1e-9
    error = (target - seen).reshape(len(seen), -1, 1)
    change = np.linalg.solve(curvature + damping[:, None, :] * np.eye(4, dtype=np.float32), slopes @ error)[..., 0]
    moved = warp + np.clip(change, -_MOST_STEP, _MOST_STEP)
    moved[:, :2] = np.clip(moved[:, :2], 1 - _MOST_CHANGE, 1 + _MOST_CHANGE)
    moved[:, 2:] = np.clip(moved[:, 2:], -_MOST_SHIFT, _MOST_SHIFT)
    return np.asarray(moved, np.float32)


def _interpolation(offsets: Float32, side: int) -> Float32:
    """(n_pairs, n_points, side) weights that read a row at these offsets from its centre; outside it, its end."""
    places = np.clip(offsets + (side - 1) / 2, 0, side - 1)
    weights = np.maximum(0, 1 - np.abs(places[:, :, None] - np.arange(side, dtype=np.float32)))
    return np.asarray(weights, np.float32)


def _halved(pictures: Float32) -> Float32:
    n, side, _ = pictures.shape
    return np.asarray(pictures.reshape(n, side // 2, 2, side // 2, 2).mean(axis=(2, 4)), np.float32)


def _standardised(pictures: Float32) -> Float32:
    """Pictures of mean 0 and unit length; one of a single colour becomes 0."""
    centred = pictures - pictures.mean(axis=(1, 2), keepdims=True)
    lengths = np.sqrt(np.einsum("ijk,ijk->i", centred, centred))
    return np.asarray(centred / np.maximum(lengths, 1e-3)[:, None, None], np.float32)
