"""Near-duplicates: frames of a burst, copies saved anew, grouped with the sharpest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from clustertags.library.model import FittedLibrary
from clustertags.types import Progress, no_progress


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """`photos`: indices, sharpest first where sharpness is known, else by path; `sharpness` of each, None unknown."""

    photos: tuple[int, ...]
    sharpness: tuple[float | None, ...]


def near_duplicates(library: FittedLibrary, sharpness: dict[str, float] | None = None) -> tuple[DuplicateGroup, ...]:
    """All groups of two photos or more, largest first; `sharpness` by content hash."""
    raise NotImplementedError


def measure_sharpness(image: Image.Image) -> float:
    """Variance of the Laplacian of the luminance."""
    raise NotImplementedError


def sharpness_of(
    library: FittedLibrary, photos: tuple[int, ...], catalogue: Path, progress: Progress = no_progress
) -> dict[str, float]:
    """By content hash, from the catalogue where it is known, else measured and kept there; unreadable ones lack."""
    raise NotImplementedError
