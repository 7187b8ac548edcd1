"""Fuse the components of the tag model: a weighted sum whose weights are fitted on leave-one-out scores.

Each component's scores are standardised with the mean and deviation over a sample of the library, so that a photo's
prediction never depends on the other photos of a request. The weights maximise the likelihood of the labelled photos'
tags under a softmax over all tags (stacking, Wolpert 1992, with the conditional logit of McFadden 1974). A Gaussian
prior keeps them near the default, which a few hundred labelled photos override. No weight falls below a quarter of its
default, so that every component contributes.

What names say is prior to every component that learns from labels: however the weight is shared among those, the names'
term stays whole, unless the labels are better explained with names in the head alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.support.numbers import sigmoid
from clustertags.types import Float64

COMPONENTS = ("cluster", "head", "neighbours", "graph", "name")
WEIGHTED_COMPONENTS = COMPONENTS[:-1]
"""Those that learn from labels and have a weight of their own; the name prior has the sum of their weights."""
_HEAD, _NAME = COMPONENTS.index("head"), COMPONENTS.index("name")
PHOTOS_PER_LABELLED = 35.0
"""Unlabelled photos to a labelled one at which the graph counts as much as the head, with one tag a photo."""
MAX_GRAPH_WEIGHT = 2.5
DEFAULT_TEMPERATURE = 0.95
PRIOR_DEVIATION = 0.1
MIN_SHARE_OF_DEFAULT = 0.25


@dataclass(frozen=True, slots=True)
class Fusion:
    """The `centre` and `scale` of each component's scores and its `weight`, (n_components,) float64 each.

    The components are `COMPONENTS`; the name has the head's scale, as the head is fitted to the residual of its prior.
    """

    centre: Float64
    scale: Float64
    weight: Float64

    @property
    def total_weight(self) -> float:
        """The sum of the weights of `WEIGHTED_COMPONENTS`."""
        return float(self.weight[: len(WEIGHTED_COMPONENTS)].sum())

    def contributions(self, scores: Float64) -> Float64:
        """(n_components, n, n_tags) scores to the terms of the fused score, same shape, in nats of log-odds."""
        shape = (-1, 1, 1)
        scaled = (scores - self.centre.reshape(shape)) / self.scale.reshape(shape)
        result: Float64 = scaled * self.weight.reshape(shape)
        return result


def weighted_components(scores: Float64) -> Float64:
    """Scores of `COMPONENTS` to those of `WEIGHTED_COMPONENTS`, (n_components, n, n_tags): the name's are added to the
    head's, which was fitted to their residual.
    """
    merged = scores[: len(WEIGHTED_COMPONENTS)].copy()
    merged[_HEAD] += scores[_NAME]
    return merged


def with_name_prior(fusion: Fusion, *, whole: bool = True) -> Fusion:
    """From `WEIGHTED_COMPONENTS` to `COMPONENTS`: the name gets the head's scale, and the sum of the weights if it is
    prior to all of them (`whole`), else the head's.
    """
    return Fusion(
        np.append(fusion.centre, 0.0),
        np.append(fusion.scale, fusion.scale[_HEAD]),
        np.append(fusion.weight, fusion.weight.sum() if whole else fusion.weight[_HEAD]),
    )


def default_weights(photos_per_labelled: float, tags_per_photo: float = 1.0) -> Float64:
    """Weights of `WEIGHTED_COMPONENTS`, float64, summing to 1.

    The graph, the cluster and the neighbours copy labels to photos that look alike. How much that adds to the head,
    which sees labelled photos alone, depends on how much there is to learn from unlabelled ones: the weights rise with
    `photos_per_labelled`, the number of unlabelled photos to each labelled one. They fall with `tags_per_photo`,
    because photos that look alike then share only some of their tags.
    """
    unlabelled = min((photos_per_labelled / PHOTOS_PER_LABELLED) ** 1.5, MAX_GRAPH_WEIGHT)
    graph = unlabelled * max(tags_per_photo, 1.0) ** -0.5
    weights = np.array([0.08 * graph, 1.0, 0.08 * graph, graph])
    total: float = weights.sum()
    result: Float64 = weights / total
    return result


def fit_fusion(sample: Float64, loo_scores: Float64, targets: Float64, default: Float64) -> Fusion:
    """Fit the weights of `COMPONENTS`.

    `sample` (n_components, n_sample, n_tags): scores of photos of the library, for the centre and scale; `loo_scores`
    (n_components, n_tested, n_tags): leave-one-out scores of labelled photos; `targets` (n_tested, n_tags): 0 or 1, and
    NaN where no other labelled photo carries the tag, which leaves nothing to predict it from; `default`: the
    `default_weights` of `WEIGHTED_COMPONENTS`.
    """
    weighted = weighted_components(sample)
    centre = weighted.mean(axis=(1, 2))
    scale = np.maximum(weighted.std(axis=(1, 2)), 1e-6)
    rows = rankable_rows(targets)
    if not len(rows):
        return with_name_prior(Fusion(centre, scale, default * DEFAULT_TEMPERATURE))
    kept = targets[rows]
    scaled = Fusion(centre, scale, np.ones(len(centre))).contributions(weighted_components(loo_scores[:, rows]))
    found = Fusion(centre, scale, _stacked_weights(scaled, kept, default))
    names = loo_scores[_NAME, rows] / scale[_HEAD]
    if not names.any():
        return with_name_prior(found)
    with_names = scaled + names
    with_names[_HEAD] = scaled[_HEAD]
    prior = Fusion(centre, scale, _stacked_weights(with_names, kept, default))
    whole = _loss(prior.weight, with_names, kept)[0] <= _loss(found.weight, scaled, kept)[0]
    return with_name_prior(prior if whole else found, whole=whole)


def rankable_rows(targets: Float64) -> NDArray[np.intp]:
    """Rows of `targets` with at least one 1 and at least one 0."""
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
    # Where the default is a bad mixture its best scale is small, and would make the prior too narrow.
    deviation = PRIOR_DEVIATION * max(float(start.sum()), 1.0)

    def objective(weights: Float64) -> tuple[float, Float64]:
        loss, gradient = _loss(weights, scaled, targets)
        off = (weights - start) / deviation
        return loss + 0.5 * float(off @ off), gradient + off / deviation

    best = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=[(low, None) for low in MIN_SHARE_OF_DEFAULT * start]
    )
    weights: Float64 = best.x
    return weights


def _loss(weights: Float64, scaled: Float64, targets: Float64) -> tuple[float, Float64]:
    """Sum over photos of the mean negative log softmax of their tags, and its gradient.

    The softmax of each positive tag is over that tag and the negatives: other positives and NaN targets are excluded.
    """
    fused = np.tensordot(weights, scaled, axes=1)
    negatives = np.where(targets == 0, fused, -np.inf)
    top = negatives.max(axis=1, keepdims=True)
    odds = np.exp(negatives - top)
    total = odds.sum(axis=1, keepdims=True)
    background = (top + np.log(total))[:, 0]
    centre = np.einsum("it,pit->pi", odds / total, scaled)
    positive = targets == 1
    share = positive / positive.sum(axis=1, keepdims=True)
    gap = np.where(positive, background[:, None] - fused, 0.0)
    loss = float((share * np.logaddexp(0.0, gap)).sum())
    pull = share * sigmoid(gap)
    gradient = np.einsum("it,pi->p", pull, centre) - np.einsum("it,pit->p", pull, scaled)
    return loss, gradient
