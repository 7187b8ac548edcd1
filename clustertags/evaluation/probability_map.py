"""A monotone map from scores of any unit to probabilities (isotonic regression, Zadrozny and Elkan 2002)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Bool, Float32

_TIE_BREAK = 1e-5  # the share of a mapped score that keeps the order within one step of the map


def map_to_probabilities(known: Float32, correct: Bool, scores: Float32) -> Float32:
    """(n, n_tags) float32 in 0..1: `scores` by the map fitted on `known` scores and whether each is `correct`."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415

    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    isotonic.fit(known.ravel().astype(np.float64), correct.ravel().astype(np.float64))
    mapped = isotonic.predict(scores.ravel().astype(np.float64))
    _, ranks = np.unique(scores.ravel(), return_inverse=True)
    rank: NDArray[np.float64] = ranks / max(int(ranks.max()), 1)
    return np.asarray(((1 - _TIE_BREAK) * mapped + _TIE_BREAK * rank).reshape(scores.shape), np.float32)
