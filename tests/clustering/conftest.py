"""Made libraries whose kinds are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from clustertags.types import Features
from tests.made.features import as_features


@dataclass(frozen=True)
class MadeLibrary:
    features: Features
    kinds: NDArray[np.intp]


def made_library(sizes: list[int], *, apart: float = 1.0, n_sub: int = 1, seed: int = 0) -> MadeLibrary:
    """Kinds of the given sizes in 160 positive features, each of `n_sub` finer kinds, `apart` from each other."""
    draw = np.random.default_rng(seed)
    rows, kinds = [], []
    for kind, size in enumerate(sizes):
        centre = draw.normal(size=160)
        for share in np.array_split(np.arange(size), n_sub):
            finer = centre + (0.55 * draw.normal(size=160) if n_sub > 1 else 0)
            rows.append(np.maximum(apart * finer + draw.normal(scale=0.6, size=(len(share), 160)), 0))
            kinds += [kind] * len(share)
    shuffled = draw.permutation(len(kinds))
    return MadeLibrary(as_features(np.concatenate(rows)[shuffled]), np.array(kinds)[shuffled])


@pytest.fixture(scope="session")
def seven_broad_kinds() -> MadeLibrary:
    """Seven kinds of 60, each of three finer ones."""
    return made_library([60] * 7, n_sub=3)


@pytest.fixture(scope="session")
def unequal_kinds() -> MadeLibrary:
    return made_library([150, 80, 40, 20, 12, 8], seed=1)


def wide_kinds(sizes: list[int], seed: int = 0) -> MadeLibrary:
    """Kinds whose photos vary along four axes without a gap, in 160 positive features."""
    draw = np.random.default_rng(seed)
    rows = []
    for size in sizes:
        centre, axes = draw.normal(size=160), draw.normal(size=(4, 160)) / 2
        photos = centre + draw.uniform(-1, 1, size=(size, 4)) @ axes
        rows.append(np.maximum(photos + draw.normal(scale=0.3, size=(size, 160)), 0))
    return MadeLibrary(as_features(np.concatenate(rows)), np.repeat(np.arange(len(sizes)), sizes))
