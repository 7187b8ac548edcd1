"""A photo at 32 by 32 grey pixels, to be compared with others pixel by pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SMALL_PIXELS = 32


def small_picture(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(32, 32) uint8, the luminance of (height, width, 3) uint8."""
    grey = Image.fromarray(pixels).convert("L")
    return np.asarray(grey.resize((SMALL_PIXELS, SMALL_PIXELS), Image.Resampling.BOX))
