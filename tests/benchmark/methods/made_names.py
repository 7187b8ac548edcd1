"""Made vectors of names and made photos, small enough to work a method by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clustertags.benchmark.method_interface import PhotoSample
from clustertags.types import Features

N_DIMENSIONS = 24


class MadeWords:
    """A fixed direction for every text, drawn from it; texts in `same` have the vector of what they stand for."""

    def __init__(self, same: Mapping[str, str] | None = None) -> None:
        self.same = dict(same or {})

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = []
        for text in texts:
            bare = text.removeprefix("a photo of a ")
            meant = self.same.get(bare, bare)
            drawn = np.random.default_rng(list(meant.encode())).standard_normal(N_DIMENSIONS)
            rows.append(drawn / np.linalg.norm(drawn))
        return np.array(rows, np.float32).reshape(len(rows), N_DIMENSIONS)


def outputs_of(*shares: Mapping[int, float]) -> np.ndarray:
    """(n, 1000) float32 with the given probabilities."""
    rows = np.zeros((len(shares), 1000), np.float32)
    for row, given in zip(rows, shares, strict=True):
        for at, share in given.items():
            row[at] = share
    return rows


def photos_with(values: np.ndarray, outputs: np.ndarray | None = None, users: np.ndarray | None = None) -> PhotoSample:
    norms = np.linalg.norm(values, axis=1)
    rows = (values / np.maximum(norms, 1e-12)[:, None]).astype(np.float32)
    return PhotoSample(Features(rows, norms.astype(np.float32)), outputs, None, users)


def plain(n: int = 1) -> PhotoSample:
    """Photos of which only the outputs matter."""
    return photos_with(np.ones((n, 3)))


def photos_like_their_names(
    words: MadeWords, names: Sequence[str], n_each: int, spread: float = 0.25, seed: int = 0
) -> tuple[PhotoSample, np.ndarray]:
    """Photos whose features are a fixed linear picture of their name's vector, with noise; and their tags."""
    random = np.random.default_rng(seed)
    picture = np.random.default_rng(99).standard_normal((N_DIMENSIONS, 40)) / np.sqrt(N_DIMENSIONS)
    vectors = words.encode(list(names)).repeat(n_each, axis=0)
    values = vectors @ picture + spread * random.standard_normal((len(vectors), 40)) / np.sqrt(40)
    return photos_with(values), np.eye(len(names), dtype=bool).repeat(n_each, axis=0)
