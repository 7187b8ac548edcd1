"""Linear classifiers that minimise the non-negative risk of positive and unlabelled examples, one for each tag.

Kiryo, Niu, du Plessis, Sugiyama 2017, "Positive-Unlabeled Learning with Non-Negative Risk Estimator": with the share
pi of positives, the risk of a classifier z = w x + b is

    pi R_p(+1) + max(0, R_u(-1) - pi R_p(-1)),

R_p and R_u being means of the loss over positive and over unlabelled examples as if they were of that class. Where the
second term is negative the classifier has overfitted, and a step raises that term alone (their algorithm 1). The loss
is the logistic one, so that z is the log odds of the tag.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.support.numbers import sigmoid
from clustertags.types import Bool, Float32, Float64

LEARNING_RATE = 0.05
_DECAYS = (0.9, 0.999)


@dataclass(frozen=True, slots=True)
class LinearClassifiers:
    """`weights`: (n_features, n_tags) and `offsets`: (n_tags,) float64."""

    weights: Float64
    offsets: Float64

    def log_odds(self, values: Float32) -> Float64:
        """(n, n_tags) float64 of (n, n_features)."""
        return np.asarray(values.astype(np.float64) @ self.weights + self.offsets)


@dataclass(frozen=True, slots=True)
class PositiveUnlabelled:
    """`values`: (n, n_features) float32 of the library, the labelled photos first; `tags`: (n_labelled, n_tags) bool, a
    photo or more a tag; `shares`: (n_tags,) float64, the share pi of the library's photos with the tag, in 0..1.
    """

    values: Float32
    tags: Bool
    shares: Float64

    def positive_risk(self, log_odds: NDArray[np.floating]) -> NDArray[np.floating]:
        """(n_tags,) pi R_p(+1) of (n, n_tags) log odds."""
        return np.asarray((self._weights() * np.logaddexp(0.0, -log_odds[: len(self.tags)])).sum(axis=0))

    def negative_risk(self, log_odds: NDArray[np.floating]) -> NDArray[np.floating]:
        """(n_tags,) R_u(-1) - pi R_p(-1) of (n, n_tags) log odds, negative where the classifier has overfitted."""
        losses = np.logaddexp(0.0, log_odds)
        return np.asarray(losses.mean(axis=0) - (self._weights() * losses[: len(self.tags)]).sum(axis=0))

    def slopes(self, log_odds: NDArray[np.floating]) -> Float64:
        """(n, n_tags): the derivative by log odds of both risks, or where the second is negative, minus that of it."""
        n, weights, given = len(self.tags), self._weights(), sigmoid(log_odds)
        by_negative = given / len(log_odds)
        by_negative[:n] -= weights * given[:n]
        overfitted = self.negative_risk(log_odds) < 0
        slopes = np.where(overfitted, -by_negative, by_negative)
        slopes[:n] += np.where(overfitted, 0.0, weights * (given[:n] - 1.0))
        return np.asarray(slopes)

    def fit(self, penalty: float, n_steps: int) -> LinearClassifiers:
        """Adam (Kingma and Ba 2015) over all photos at once, with steps that shrink to 0: where the second risk is
        about 0, they turn back and forth. `penalty`: of the squared weights.
        """
        inputs = np.column_stack([self.values, np.ones(len(self.values), np.float32)])
        weights = np.zeros((inputs.shape[1], self.tags.shape[1]))
        weights[-1] = np.log(self.shares / (1.0 - self.shares))
        decay = np.full((len(weights), 1), 2.0 * penalty)
        decay[-1] = 0.0
        mean, square = np.zeros_like(weights), np.zeros_like(weights)
        for step in range(1, n_steps + 1):
            slopes = self.slopes(inputs @ weights.astype(np.float32))
            slope = inputs.T @ slopes.astype(np.float32) + decay * weights
            mean = _DECAYS[0] * mean + (1.0 - _DECAYS[0]) * slope
            square = _DECAYS[1] * square + (1.0 - _DECAYS[1]) * slope**2
            size = np.sqrt(square / (1.0 - _DECAYS[1] ** step)) + 1e-8
            rate = LEARNING_RATE * (1.0 - (step - 1) / n_steps)
            weights -= rate * mean / (1.0 - _DECAYS[0] ** step) / size
        return LinearClassifiers(weights[:-1], weights[-1])

    def _weights(self) -> Float64:
        """(n_labelled, n_tags): pi over the number of positives, for the positives."""
        return np.asarray(self.tags * (self.shares / self.tags.sum(axis=0)))
