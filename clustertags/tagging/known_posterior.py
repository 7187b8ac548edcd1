"""How likely a photo shows any of the tags at a place in the ranking of the library, with its uncertainty.

    P(known | z) = logistic(a z + b),   b such that the mean over a standard normal z is the share p

The posterior over the slope a and the share p is summed on a grid, so that few labels give a wide posterior and low
probabilities; beside it stands the case that every photo is known. See `known`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clustertags.support.numbers import sigmoid
from clustertags.types import Float64

SLOPE = 3.0
SLOPE_DEVIATION = 0.3
SLOPE_FROM_LABELS = 0.7
"""The prior of log a: centred between log 3 and the slope that the labelled photos show, with this deviation."""
ALL_KNOWN = 0.25
"""The prior probability that every photo shows one of the tags, as where a person tagged a sample completely."""
SHARE_PRIOR = 1.0
"""The prior of the share is Beta(2, 2): libraries of which nearly nothing or nearly everything is known are rare."""
WITHIN_TAG_CORRELATION = 0.1
"""Labelled photos of one tag are not independent: n of them count as n / (1 + 0.1 (n - 1))."""
FEW_TAGS = 20.0
"""With T tags, photos scored without their tags weigh T / (T + 20) of one a tag."""

_SLOPES = np.exp(np.linspace(np.log(0.3), np.log(10.0), 24))
_SHARES = (np.arange(40) + 0.5) / 40
CURVE_Z = np.linspace(-4.0, 4.0, 161)
"""Where the curve P(known | z) is kept."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Normal quantiles among the unlabelled photos of labelled photos `without_own` label, `without_tags`, their labels
    and all others of their tags, and of photos that show `none` of the tags: (n,) float64 each.
    """

    without_own: Float64
    without_tags: Float64
    none: Float64


@dataclass(frozen=True, slots=True)
class Posterior:
    """`grid`: (n_slopes, n_shares), sums to 1; `complete`: the probability that every photo is known."""

    grid: Float64
    complete: float

    def share(self) -> float:
        return float(self.complete + (1.0 - self.complete) * (self.grid.sum(axis=0) @ _SHARES))

    def interval(self) -> tuple[float, float]:
        cumulated = np.cumsum(np.append((1.0 - self.complete) * self.grid.sum(axis=0), self.complete))
        at = np.append(_SHARES, 1.0)
        low, high = (int(np.searchsorted(cumulated, level)) for level in (0.05, 0.95))
        return float(at[min(low, len(at) - 1)]), float(at[min(high, len(at) - 1)])

    def curve(self) -> Float64:
        """(161,) P(known | z)."""
        given = sigmoid(_SLOPES[:, None, None] * CURVE_Z + _offsets()[..., None])
        mean = (self.grid[..., None] * given).sum(axis=(0, 1))
        return np.asarray(self.complete + (1.0 - self.complete) * mean)


@lru_cache(maxsize=1)
def _offsets() -> Float64:
    """(n_slopes, n_shares) b at which the mean of logistic(a z + b) over a standard normal z is the share."""
    from statistics import NormalDist  # noqa: PLC0415

    z = np.array([NormalDist().inv_cdf((at + 0.5) / 200) for at in range(200)])
    low = np.full((len(_SLOPES), len(_SHARES)), -60.0)
    high = -low
    for _ in range(50):
        middle = (low + high) / 2
        under = sigmoid(_SLOPES[:, None, None] * z + middle[..., None]).mean(axis=-1) < _SHARES
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.asarray((low + high) / 2)


def fit_posterior(held_out: HeldOut, labels_per_tag: float, n_tags: int, trust: float) -> Posterior:
    """The posterior over slope and share; `trust`, in 0..1, of the labelled photos as a sample of their kinds."""
    without_own, without_tags = held_out.without_own, held_out.without_tags
    weight_known = trust / (1.0 + (labels_per_tag - 1.0) * WITHIN_TAG_CORRELATION)
    weight_unknown = max(n_tags / (n_tags + FEW_TAGS), 0.5 * (1.0 - trust)) / max(labels_per_tag, 1.0)

    def log_density(z: Float64, sign: float, share: Float64) -> Float64:
        logits = _SLOPES[:, None, None] * z + _offsets()[..., None]
        return np.asarray(np.log(sigmoid(sign * logits) / share[:, None] + 1e-12).sum(axis=-1))

    unknown = weight_unknown * log_density(without_tags, -1.0, 1.0 - _SHARES)
    unknown += log_density(held_out.none, -1.0, 1.0 - _SHARES)
    likelihood = weight_known * log_density(without_own, 1.0, _SHARES) + unknown
    centre = np.log(SLOPE)
    if trust and len(without_own) > 1 and len(without_tags) > 1:
        centre += SLOPE_FROM_LABELS * trust * (np.log(_slope(without_own, without_tags)) - centre)
    prior = np.exp(-0.5 * ((np.log(_SLOPES) - centre) / SLOPE_DEVIATION) ** 2)
    prior /= prior.sum()
    shares = (_SHARES * (1.0 - _SHARES)) ** SHARE_PRIOR
    joint = likelihood + np.log(prior + 1e-300)[:, None] + np.log(shares / shares.sum())
    top = float(joint.max())
    evidence_open = top + float(np.log(np.exp(joint - top).sum()))
    evidence_all = float(np.log((prior * np.exp(np.clip(unknown[:, -1], -300.0, 300.0))).sum() + 1e-300))
    odds = evidence_all - evidence_open + np.log(ALL_KNOWN / (1.0 - ALL_KNOWN))
    grid = np.exp(joint - top)
    # Who gives one tag does not mean that every photo shows it; one photo of none of them refutes it.
    complete = float(sigmoid(np.array(odds))) if n_tags > 1 and not len(held_out.none) else 0.0
    return Posterior(grid / grid.sum(), complete)


def _slope(without_own: Float64, without_tags: Float64) -> float:
    """The slope of a logistic regression, with a ridge of 1, of photos of known against photos of unknown kinds."""
    from scipy.optimize import minimize  # noqa: PLC0415

    z = np.concatenate([without_own, without_tags])
    target = np.concatenate([np.ones(len(without_own)), np.zeros(len(without_tags))])

    def loss(coefficients: Float64) -> float:
        logits = coefficients[0] * z + coefficients[1]
        return float((np.logaddexp(0.0, logits) - target * logits).sum() + 0.5 * coefficients[0] ** 2)

    return max(float(minimize(loss, np.array([1.0, 0.0])).x[0]), 0.2)
