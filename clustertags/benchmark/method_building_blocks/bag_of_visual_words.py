"""SIFT descriptors of pictures, and histograms of visual words.

Sivic, Zisserman 2003, "Video Google"; Csurka et al. 2004, "Visual categorization with bags of keypoints". OpenCV finds
and describes the keypoints (Lowe 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clustertags.benchmark.method_building_blocks.picture_cache import PictureCache
from clustertags.benchmark.method_interface import Pictures
from clustertags.errors import UsageError
from clustertags.types import Float32, Float64

LONG_SIDE_PIXELS = 256
N_DESCRIPTORS = 300
"""The strongest keypoints of a picture; stored as bytes, as SIFT descriptors are integers below 256."""
_N_KEPT = 20_000
_N_SAMPLED = 100_000


def describe(picture: Image.Image) -> NDArray[np.uint8]:
    """(n, 128) uint8: SIFT descriptors of the grey picture, its long side at most 256 pixels; none on a uniform one."""
    cv2 = _opencv()
    grey = picture.convert("L")
    grey.thumbnail((LONG_SIDE_PIXELS, LONG_SIDE_PIXELS))
    _, found = cv2.SIFT_create(nfeatures=N_DESCRIPTORS).detectAndCompute(np.asarray(grey), None)
    if found is None:
        return np.zeros((0, 128), np.uint8)
    return np.asarray(np.clip(np.round(found[:N_DESCRIPTORS]), 0, 255), np.uint8)


_DESCRIBED = PictureCache(describe, _N_KEPT)


def descriptors(pictures: Pictures) -> list[NDArray[np.uint8]]:
    """`describe` of each picture, cached. Raises `UsageError` without OpenCV."""
    _opencv()
    return _DESCRIBED.get_all(pictures)


def fit_codebook(described: Sequence[NDArray[np.uint8]], n_words: int, random_state: int) -> Float32:
    """(n_words or fewer, 128) float32: k-means centres of the training pictures' descriptors, a sample of many."""
    from sklearn.cluster import MiniBatchKMeans  # noqa: PLC0415

    stacked = np.concatenate([np.zeros((0, 128), np.uint8), *described])
    if not len(stacked):
        return np.zeros((1, 128), np.float32)
    drawn = np.sort(np.random.default_rng(random_state).permutation(len(stacked))[:_N_SAMPLED])
    sample = np.unique(stacked[drawn], axis=0).astype(np.float32)
    if len(sample) <= n_words:
        return sample
    clustering = MiniBatchKMeans(n_words, batch_size=4096, n_init=1, max_iter=30, random_state=random_state)
    return np.asarray(clustering.fit(sample).cluster_centers_, np.float32)


def count_words(described: Sequence[NDArray[np.uint8]], codebook: Float32) -> Float64:
    """(n, n_words) float64: the share of each picture's descriptors nearest to each word; zeros for a picture without
    descriptors.
    """
    squares = (codebook.astype(np.float64) ** 2).sum(axis=1)
    counts = np.zeros((len(described), len(codebook)))
    for row, own in enumerate(described):
        words = (squares - 2 * own.astype(np.float64) @ codebook.T.astype(np.float64)).argmin(axis=1)
        counts[row] = np.bincount(words, minlength=len(codebook)) / max(len(own), 1)
    return counts


def _opencv() -> Any:
    try:
        import cv2  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "SIFT needs OpenCV, which is not installed: run `pip install 'clustertags[benchmark]'`, "
            "or leave sift-svm out"
        ) from error
    return cv2
