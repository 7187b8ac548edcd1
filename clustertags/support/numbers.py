"""Numerical functions shared by several rooms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LARGEST_EXPONENT = 500.0


def sigmoid(log_odds: NDArray[np.floating], limit: float = _LARGEST_EXPONENT) -> NDArray[np.float64]:
    """Probabilities of log-odds, same shape, float64 in 0..1; log-odds are clipped to +-`limit`."""
    clipped = np.clip(np.asarray(log_odds, np.float64), -limit, limit)
    return np.asarray(1.0 / (1.0 + np.exp(-clipped)))


def as_saved(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to float32, the saved precision: a model predicts the same before and after saving."""
    return values.astype(np.float32).astype(np.float64)
