"""A descriptor of a picture's coarse layout: directions of edges and colours on a grid.

After the GIST of Oliva and Torralba 2001, "Modeling the shape of the scene": the strength of edges in 8 directions and
at 2 scales over a grid of 4 by 4, here from differences of pixels instead of Gabor filters, and the mean and deviation
of the three colour channels in each cell.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from clustertags.benchmark.method_building_blocks.picture_cache import PictureCache
from clustertags.benchmark.method_interface import Pictures
from clustertags.types import Float32, Float64

SCALES_PIXELS = (128, 32)
N_CELLS = 4
N_DIRECTIONS = 8
N_NUMBERS = N_CELLS**2 * (len(SCALES_PIXELS) * N_DIRECTIONS + 6)
_N_KEPT = 50_000


def layout_descriptor(picture: Image.Image) -> Float32:
    """(352,) float32 of unit length: edges and colours with equal weight."""
    largest = picture.convert("RGB").resize((SCALES_PIXELS[0], SCALES_PIXELS[0]), Image.Resampling.BOX)
    edges = []
    for side in SCALES_PIXELS:
        grey = largest.convert("L").resize((side, side), Image.Resampling.BOX)
        edges.append(_edges(np.asarray(grey, np.float64) / 255))
    pixels = np.asarray(largest, np.float64) / 255
    side = SCALES_PIXELS[0] // N_CELLS
    cells = pixels.reshape(N_CELLS, side, N_CELLS, side, 3)
    colours = np.concatenate([cells.mean(axis=(1, 3)).ravel() - 0.5, cells.std(axis=(1, 3)).ravel()])
    both = np.concatenate([_unit(np.sqrt(np.concatenate(edges))), _unit(colours)])
    return np.asarray(_unit(both), np.float32)


_CACHE = PictureCache(layout_descriptor, _N_KEPT)


def layout_descriptors(pictures: Pictures) -> Float32:
    """(n, 352) float32: the descriptor of each picture, cached."""
    return np.stack(_CACHE.get_all(pictures)) if len(pictures) else np.zeros((0, N_NUMBERS), np.float32)


def _edges(grey: Float64) -> Float64:
    """(16 * 8,) the mean gradient magnitude of each direction in each cell; opposite directions are merged."""
    down, right = np.gradient(grey)
    turned = (np.arctan2(down, right) % np.pi) / np.pi * N_DIRECTIONS
    direction = np.minimum(turned.astype(np.intp), N_DIRECTIONS - 1)
    cell = np.arange(len(grey)) * N_CELLS // len(grey)
    bins = (cell[:, None] * N_CELLS + cell) * N_DIRECTIONS + direction
    summed = np.bincount(bins.ravel(), np.hypot(down, right).ravel(), minlength=N_CELLS**2 * N_DIRECTIONS)
    return np.asarray(summed / grey.size, np.float64)


def _unit(values: Float64) -> Float64:
    return np.asarray(values / max(float(np.linalg.norm(values)), 1e-12))
