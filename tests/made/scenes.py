"""Pictures with something to see at every size, and copies of them, for the search for near-duplicates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half": lambda image: image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS),
    "quality": lambda image: image,
    "scaled": lambda image: image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS),
    "cropped": lambda image: image.crop((0, 6, round(0.95 * image.width), 6 + round(0.95 * image.height))),
}


def made_scene(number: int, width: int = 320, height: int = 240) -> Image.Image:
    """Thirty ellipses of two colours of its own on a third."""
    random = np.random.default_rng(number)
    colours = [tuple(random.integers(0, 256, 3).tolist()) for _ in range(3)]
    image = Image.new("RGB", (width, height), colours[2])
    draw = ImageDraw.Draw(image)
    for at in range(30):
        x, y = random.integers(0, width), random.integers(0, height)
        across, down = random.integers(8, 50, 2)
        draw.ellipse((x - across, y - down, x + across, y + down), fill=colours[at % 2])
    return image


def write_scenes(folder: Path, numbers: range) -> None:
    """JPEGs `NUMBER-original.jpg`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        made_scene(number).save(folder / f"{number:03d}-original.jpg", quality=92)


def write_copies(folder: Path, numbers: range) -> None:
    """All copies of these scenes, `NUMBER-KIND.jpg`."""
    for number in numbers:
        for kind, copy in COPIES.items():
            copy(made_scene(number)).save(folder / f"{number:03d}-{kind}.jpg", quality=60 if kind == "quality" else 90)


def write_mirrored(folder: Path, numbers: range) -> None:
    """A mirrored copy of these scenes, `NUMBER-mirrored.jpg`."""
    for number in numbers:
        mirrored = made_scene(number).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        mirrored.save(folder / f"{number:03d}-mirrored.jpg", quality=90)
