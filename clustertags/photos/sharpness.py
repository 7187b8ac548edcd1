"""Sharpness of a picture."""

from __future__ import annotations

import numpy as np
from PIL import Image


def measure_sharpness(image: Image.Image) -> float:
    """Variance of the Laplacian of the luminance, 0 for a picture of fewer than 3 pixels a side.

    After Pech-Pacheco et al. (2000). It grows with detail, so compare only pictures of the same subject and size.
    """
    grey = np.asarray(image.convert("L"), np.float32)
    if min(grey.shape) < 3:
        return 0.0
    sides = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((sides - 4 * grey[1:-1, 1:-1]).var(dtype=np.float64))
