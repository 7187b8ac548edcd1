"""The likelihood that TagProp maximises, and a monotone gradient ascent.

p(y_iw = 1) = Σ_j π_ij p(y_iw = 1 | j) with p(. | j) = 1 - ε where photo j has w and ε where not (Guillaumin,
Mensink, Verbeek, Schmid 2009, equations 1 and 2): ε + (1 - 2ε) x_iw with x_iw = Σ_j π_ij y_jw. The other form is
σ(α_w x_iw + β_w), equation 7. The likelihood weights photos with a tag by 1 / n+ and the others by 1 / n-, as the
absence of a tag is less informative than its presence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from clustertags.types import Bool, Float64

EPSILON = 1e-5
_HALVINGS = 40


class Link(Protocol):
    """From x, (n, n_tags) in 0..1, to the odds of a tag."""

    def log_probabilities(self, x: Float64) -> tuple[Float64, Float64]:
        """The logarithms of p(1) and log p(0), (n, n_tags) each."""
        ...

    def slopes(self, x: Float64) -> tuple[Float64, Float64]:
        """Their derivatives by x."""
        ...


@dataclass(frozen=True, slots=True)
class Share:
    """p = ε + (1 - 2ε) x."""

    def log_probabilities(self, x: Float64) -> tuple[Float64, Float64]:
        probability = EPSILON + (1 - 2 * EPSILON) * x
        return np.log(probability), np.log1p(-probability)

    def slopes(self, x: Float64) -> tuple[Float64, Float64]:
        probability = EPSILON + (1 - 2 * EPSILON) * x
        return (1 - 2 * EPSILON) / probability, -(1 - 2 * EPSILON) / (1 - probability)


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """p = σ(α x + β), `alpha` and `beta` (n_tags,)."""

    alpha: Float64
    beta: Float64

    def log_probabilities(self, x: Float64) -> tuple[Float64, Float64]:
        z = self.alpha * x + self.beta
        return -np.logaddexp(0, -z), -np.logaddexp(0, z)

    def slopes(self, x: Float64) -> tuple[Float64, Float64]:
        probability = np.exp(self.log_probabilities(x)[0])
        return self.alpha * (1 - probability), -self.alpha * probability


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The leave-one-out likelihood of labelled photos, by their neighbours among the others.

    `tags`: (n, n_tags) bool; `neighbour_tags`: (n, k, n_tags) float64; `weights`: (n, n_tags).
    """

    tags: Bool
    neighbour_tags: Float64
    weights: Float64

    @classmethod
    def of(cls, tags: Bool, neighbour_tags: Float64) -> Likelihood:
        """From `tags` and those of the neighbours. A tag of one photo has weight 0: without that photo no neighbour has
        it.
        """
        n_with, n_without = tags.sum(axis=0), (~tags).sum(axis=0)
        weights = np.where(tags, 1 / np.maximum(n_with, 1), 1 / np.maximum(n_without, 1))
        return cls(tags, neighbour_tags, np.where(n_with >= 2, weights, 0))

    def shares(self, pi: Float64) -> Float64:
        """(n, n_tags) x of the weights `pi`, (n, k)."""
        return np.asarray(np.einsum("nk,nkt->nt", pi, self.neighbour_tags), np.float64)

    def value(self, x: Float64, link: Link) -> float:
        present, absent = link.log_probabilities(x)
        return float((self.weights * np.where(self.tags, present, absent)).sum())

    def slope(self, x: Float64, link: Link) -> Float64:
        """Derivative by x, (n, n_tags)."""
        present, absent = link.slopes(x)
        return np.asarray(self.weights * np.where(self.tags, present, absent))

    def slope_by_weights(self, x: Float64, link: Link) -> Float64:
        """Derivative by `pi`, (n, k)."""
        return np.asarray(np.einsum("nt,nkt->nk", self.slope(x, link), self.neighbour_tags), np.float64)


@dataclass(frozen=True, slots=True)
class Step:
    """The state of the ascent: `point`, its `value`, and the last successful `stride`."""

    point: Float64
    value: float
    stride: float = 1.0


def climb(step: Step, slope: Float64, value: Callable[[Float64], float], project: Callable[[Float64], Float64]) -> Step:
    """One step of projected gradient ascent that gains at least a ten-thousandth of the linear prediction, or stays.

    The stride is doubled first and halved until the value rises (Bertsekas 1976, Armijo's rule along the
    projection arc).
    """
    stride = 2 * step.stride
    for _ in range(_HALVINGS):
        point = project(step.point + stride * slope)
        gain = float((slope * (point - step.point)).sum())
        found = value(point)
        if gain > 0 and found >= step.value + 1e-4 * gain:
            return Step(point, found, stride)
        stride /= 2
    return Step(step.point, step.value, max(step.stride / 2, 1e-12))


def onto_simplex(point: Float64) -> Float64:
    """The nearest point with no negative entry and sum 1 (Duchi et al. 2008, figure 1)."""
    falling = np.sort(point)[::-1]
    excess = (np.cumsum(falling) - 1) / np.arange(1, len(point) + 1)
    kept = int(np.flatnonzero(falling > excess)[-1])
    return np.asarray(np.maximum(point - excess[kept], 0), np.float64)
