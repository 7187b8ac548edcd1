from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from clustertags.photos.sharpness import measure_sharpness


def test_sharpness_falls_with_blur_and_equals_the_definition() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    image = Image.fromarray(pixels)
    blurred = [image.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2, 4)]
    values = [measure_sharpness(item) for item in blurred]
    assert values == sorted(values, reverse=True)
    grey = np.asarray(image.convert("L"), float)
    centre = [
        grey[y - 1, x] + grey[y + 1, x] + grey[y, x - 1] + grey[y, x + 1] - 4 * grey[y, x]
        for y in range(1, 39)
        for x in range(1, 59)
    ]
    assert measure_sharpness(image) == pytest.approx(np.var(centre), rel=1e-4)
    assert measure_sharpness(Image.new("RGB", (2, 50))) == 0
