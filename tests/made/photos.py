"""Photos for tests: each has a look of its own, made from a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def made_photo(number: int, kind: int = 0, side: int = 96) -> Image.Image:
    """A picture whose colours and texture tell its `kind`, with noise that tells its `number`."""
    rng = np.random.default_rng(1000 * kind + number)
    hue = np.array([(37 * kind) % 256, (91 * kind + 60) % 256, (151 * kind + 120) % 256])
    y, x = np.mgrid[:side, :side]
    stripes = 60 * np.sin((x * np.cos(kind) + y * np.sin(kind)) * (0.15 + 0.1 * (kind % 4)))
    pixels = hue + stripes[..., None] + rng.normal(0, 12, (side, side, 3)) + rng.normal(0, 12, 3)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def write_photos(folder: Path, n_kinds: int, n_each: int) -> dict[str, str]:
    """Write n_kinds * n_each JPEGs; return the kind of each, as a word, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {}
    for kind in range(n_kinds):
        for number in range(n_each):
            name = f"{number:03d}-{kind}.jpg"
            made_photo(number, kind).save(folder / name, quality=90)
            kinds[name] = f"kind{kind}"
    return kinds
