"""Weigh the parts: a weighted sum whose weights are learnt on labelled photos that no part saw.

Each part's scores are brought to mean 0 and deviation 1 over photos of the library (constants, so that one photo's
answer never depends on another's) and summed; the head and the names it starts from count as one. The weights are
those under which the softmax over tags is likeliest to name the left-out photos' tags (stacking, Wolpert 1992, with the
conditional logit of McFadden 1974), held near the default by a Gaussian prior that a few hundred labelled photos
overrule. None falls below a quarter of its default, so that every part stays a witness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.support.numbers import sigmoid
from clustertags.types import Float64

PARTS = ("cluster", "head", "neighbours", "graph", "name")
VOICES = PARTS[:-1]
_HEAD, _NAME = PARTS.index("head"), PARTS.index("name")
DEFAULT_TEMPERATURE = 0.95
PRIOR_DEVIATION = 0.1
LEAST_OF_DEFAULT = 0.25


@dataclass(frozen=True, slots=True)
class Fusion:
    """For each of `PARTS`, or of `VOICES`: the `centre` and `scale` of its scores and its `weight`, (n_parts,) float64
    each.
    """

    centre: Float64
    scale: Float64
    weight: Float64

    def of_parts(self) -> Fusion:
        """Weights of voices as weights of parts: those of the head are those of the names too."""
        return Fusion(
            np.append(self.centre, 0.0),
            np.append(self.scale, self.scale[_HEAD]),
            np.append(self.weight, self.weight[_HEAD]),
        )

    def contributions(self, parts: Float64) -> Float64:
        """(n_parts, n, n_tags) scores to what each adds to the fused score, same shape, in nats of log-odds."""
        shape = (-1, 1, 1)
        scaled = (parts - self.centre.reshape(shape)) / self.scale.reshape(shape)
        result: Float64 = scaled * self.weight.reshape(shape)
        return result


def voices(parts: Float64) -> Float64:
    """(n_parts, n, n_tags) to (n_voices, n, n_tags): what is weighed. The head learnt what the names leave open, so the
    two are one voice.
    """
    joined = parts[: len(VOICES)].copy()
    joined[_HEAD] += parts[_NAME]
    return joined


def default_weights(labels_per_tag: float, tags_per_photo: float = 1.0) -> Float64:
    """(n_voices,) float64, summing to 1: what the graph, the cluster and single neighbours are worth beside the head.

    All three carry a label to photos that look alike, which pays where a tag has one or two labels and no head can
    be trained yet; their share falls with the labels a tag has. It falls with the tags a photo has too, as photos that
    look alike then share only some of them.
    """
    rest = max(labels_per_tag, 1.0) ** -1.25 * max(tags_per_photo, 1.0) ** -0.5
    weights = np.array([0.08 * rest, 1.0, 0.05 * rest, 0.6 * rest])
    total: float = weights.sum()
    result: Float64 = weights / total
    return result


def fit_fusion(sample: Float64, left_out: Float64, targets: Float64, default: Float64) -> Fusion:
    """Learn the weights of voices.

    `sample` (n_voices, n_sample, n_tags): scores of photos of the library, for their centre and scale; `left_out`
    (n_voices, n_tested, n_tags): scores of labelled photos by parts that did not see them; `targets` (n_tested, n_tags)
    0 or 1, and NaN where the tag has no other labelled photo, so that its left-out score says nothing; `default`: the
    `default_weights`.
    """
    centre = sample.mean(axis=(1, 2))
    scale = np.maximum(sample.std(axis=(1, 2)), 1e-6)
    fusion = Fusion(centre, scale, np.ones(len(centre)))
    lists = usable_lists(targets)
    if not len(lists):
        return Fusion(centre, scale, default * DEFAULT_TEMPERATURE)
    scaled = fusion.contributions(left_out)[:, lists]
    return Fusion(centre, scale, _stacked_weights(scaled, targets[lists], default))


def usable_lists(targets: Float64) -> NDArray[np.intp]:
    """Rows with a tag that can be tested and with one that is wrong."""
    return np.flatnonzero((targets == 1).any(axis=1) & (targets == 0).any(axis=1))


def _stacked_weights(scaled: Float64, targets: Float64, default: Float64) -> Float64:
    from scipy.optimize import minimize, minimize_scalar  # noqa: PLC0415

    found = minimize_scalar(
        lambda log_scale: (
            _loss(default * np.exp(log_scale), scaled, targets)[0]
            + 0.5 * (log_scale - np.log(DEFAULT_TEMPERATURE)) ** 2
        ),
        bounds=(np.log(0.05), np.log(20.0)),
        method="bounded",
    )
    start = default * np.exp(found.x)
    # Where the default mixture is a bad one its best scale is small, and must not tie the weights down.
    deviation = PRIOR_DEVIATION * max(float(start.sum()), 1.0)

    def objective(weights: Float64) -> tuple[float, Float64]:
        loss, slope = _loss(weights, scaled, targets)
        off = (weights - start) / deviation
        return loss + 0.5 * float(off @ off), slope + off / deviation

    best = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=[(low, None) for low in LEAST_OF_DEFAULT * start]
    )
    weights: Float64 = best.x
    return weights


def _loss(weights: Float64, scaled: Float64, targets: Float64) -> tuple[float, Float64]:
    """Sum over photos of the mean negative log softmax of their tags, and its slope.

    Each right tag is set against the wrong ones alone: other right tags and untestable ones are left out.
    """
    fused = np.tensordot(weights, scaled, axes=1)
    wrong = np.where(targets == 0, fused, -np.inf)
    top = wrong.max(axis=1, keepdims=True)
    odds = np.exp(wrong - top)
    total = odds.sum(axis=1, keepdims=True)
    background = (top + np.log(total))[:, 0]
    centre = np.einsum("it,pit->pi", odds / total, scaled)
    right = targets == 1
    share = right / right.sum(axis=1, keepdims=True)
    gap = np.where(right, background[:, None] - fused, 0.0)
    miss = sigmoid(gap)
    loss = float((share * np.logaddexp(0.0, gap)).sum())
    pull = share * miss
    slope = np.einsum("it,pi->p", pull, centre) - np.einsum("it,pit->p", pull, scaled)
    return loss, slope
