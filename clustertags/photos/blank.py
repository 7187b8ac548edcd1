"""Pictures in which there is nothing to see: of a few pixels, of one colour, of noise.

The limits are far from all photos: of 6,592 in four sets, bare fields from above among them, none comes near. What is
dark, flat, grainy or unsharp is not blank, nor is a page of text or a sky with stars.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Float32

ONE_COLOUR = "nothing to see: one colour"
NOISE = "nothing to see: noise"
MIN_SIDE_PIXELS = 8
"""A photo with fewer on its shorter side shows nothing, however it is enlarged."""

_LEAST_DEVIATION = 2.0
"""Standard deviation of the pixels of a channel, of 255; 3.8 for the flattest photo."""
_LEAST_BLOCK_DEVIATION = 0.5
"""The same of means of 8x8 pixels, which detail survives and grain does not: 1.1 or more for photos at 3 % of their
light, 0.4 or less for most pictures of a lens cap.
"""
_MOST_CORRELATION = 0.45
"""Of adjacent pixels. Noise has 0; up to 0.4 once it was shrunk or saved as JPEG."""
_WHITENESS = (0.5, 2.0)
"""Variance of means of blocks, relative to that of white noise. Noise has 0.7 to 1.9, photos have 3.5 or more, a
checkerboard has 0.
"""
_MOST_LINES = 3.0
"""The same of rows and columns, which differ in a page of text and in woven cloth. Noise has 0.8 to 1.9."""
_MOST_SKEWNESS = 2.0
"""Stars in the sky, or specks on paper, are as irregular as noise but on an empty ground, which gives 4 or more."""
_MIN_SAMPLES = 24
_MIN_LARGE = 64

_GATE_ROWS = 16
_GATE_DEVIATION = 4.0
_GATE_CORRELATION = 0.6


def few_pixels(width: int, height: int) -> str:
    """Why nothing can be seen in a photo of this size, "" where it is large enough."""
    return f"nothing to see: only {width} x {height} pixels" if min(width, height) < MIN_SIDE_PIXELS else ""


def why_blank(pixels: NDArray[np.uint8], enlargement: float = 1.0) -> str:
    """Why there is nothing to see in these pixels, `ONE_COLOUR` or `NOISE`; "" where there is something.

    `pixels`: (height, width, 3) uint8; `enlargement`: their width over that of the part of the photo that they show.
    """
    if min(pixels.shape[:2]) < _MIN_SAMPLES:  # too few to tell, which no real network asks for
        return ""
    step = max(1, math.ceil(enlargement))
    start = step // 2
    # Nearly every photo is done here: the rest takes a millisecond.
    if _has_shapes(pixels[_GATE_ROWS // 2 :: _GATE_ROWS, start::step, 1].astype(np.float32)):
        return ""
    channels = [pixels[..., channel].astype(np.float32) for channel in range(3)]
    if all(_is_flat(channel) for channel in channels):
        return ONE_COLOUR
    grey = np.asarray((channels[0] + channels[1] + channels[2]) / 3, np.float32)
    return NOISE if _is_noise(grey[start::step, start::step]) else ""


def _has_shapes(rows: Float32) -> bool:
    """Whether every 16th row is enough to tell that a picture is neither flat nor noise."""
    centred = rows - rows.mean()
    variance = float(np.vdot(centred, centred)) / centred.size
    if centred.shape[1] < 2 or variance < _GATE_DEVIATION**2:
        return False
    return bool(_lag_product(centred) > _GATE_CORRELATION * variance)


def _is_flat(channel: Float32) -> bool:
    return float(channel.std()) < _LEAST_DEVIATION and float(_block_means(channel, 8).std()) < _LEAST_BLOCK_DEVIATION


def _lag_product(centred: Float32) -> float:
    """Mean product of horizontally adjacent values."""
    return float((centred[:, 1:] * centred[:, :-1]).mean())


def _is_noise(grey: Float32) -> bool:
    """Whether neighbours are unrelated, and means of blocks, rows and columns vary as those of white noise."""
    n_samples = min(grey.shape)
    if n_samples < _MIN_SAMPLES:
        return False
    centred = grey - grey.mean()
    variance = float(np.square(centred).mean())
    if variance == 0:
        return False
    correlations = _lag_product(centred) / variance, _lag_product(centred.T) / variance
    if max(map(abs, correlations)) > _MOST_CORRELATION:
        return False
    side = 8 if n_samples >= _MIN_LARGE else 4
    whiteness = float(_block_means(centred, side).var()) * side**2 / variance
    lines = max(centred.mean(axis=1).var() * grey.shape[1], centred.mean(axis=0).var() * grey.shape[0]) / variance
    skewness = float((centred * np.square(centred)).mean()) / variance**1.5
    is_white = _WHITENESS[0] < whiteness < _WHITENESS[1] and float(lines) < _MOST_LINES
    return is_white and abs(skewness) < _MOST_SKEWNESS


def _block_means(values: Float32, side: int) -> Float32:
    """(height // side, width // side): means of square blocks."""
    rows, columns = values.shape[0] // side, values.shape[1] // side
    blocks = values[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return np.asarray(blocks.sum(axis=3).sum(axis=1) / side**2, np.float32)
