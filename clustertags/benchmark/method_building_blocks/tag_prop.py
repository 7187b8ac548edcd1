"""TagProp, the estimator that its four rows share: weighted neighbours, with a sigmoid for each tag or without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.learnable_tags import LearnableTags
from clustertags.benchmark.method_building_blocks.neighbour_voting import LabelledPhotos
from clustertags.benchmark.method_building_blocks.tag_prop_likelihood import (
    Likelihood,
    Link,
    Share,
    Sigmoid,
    Step,
    climb,
    onto_simplex,
)
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.types import Bool, Float64, Neighbours

_CONVERGED = 1e-6
# The initial sigmoid of a tag, and the L2 penalty on changes of it; the labelled photos weigh 2 in total for each tag.
# Without the penalty the slope of a tag with one photo would be arbitrary.
_ALPHA, _BETA, _PENALTY = 5.0, -2.5, 0.02


@dataclass(eq=False)
class TagProp:
    """`k` neighbours at most, `n_steps` at most; `log_likelihoods_` has the objective before the first step and after
    each: the likelihood of the labelled photos by the others, minus the penalty on the sigmoids where there are any.

    Ties, as between tags of no neighbour, go to the tag of the nearer photo.
    """

    k: int = 50
    n_steps: int = 100

    family: ClassVar[Family] = Family.PROPAGATION
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Guillaumin, Mensink, Verbeek, Schmid 2009, TagProp"
    by_distance: ClassVar[bool]
    with_sigmoid: ClassVar[bool]

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.labelled_ = LabelledPhotos(photos.features.values, tags)
        near = self.labelled_.others(self.k)
        self.parameters_ = self._start(max(near.indices.shape[1], 1))
        self.link_: Link = Share()
        if self.with_sigmoid:
            self.link_ = Sigmoid(np.full(tags.shape[1], _ALPHA), np.full(tags.shape[1], _BETA))
        likelihood = Likelihood.of(tags, tags[near.indices].astype(np.float64))
        self.log_likelihoods_ = [self._objective(likelihood, near, self.parameters_, self.link_)]
        weight_stride, sigmoid_stride = 1.0, 1.0
        for _ in range(self.n_steps if near.indices.shape[1] else 0):
            weight_stride = self._step_weights(likelihood, near, weight_stride)
            if isinstance(self.link_, Sigmoid):
                sigmoid_stride = self._step_sigmoids(likelihood, near, self.link_, sigmoid_stride)
            self.log_likelihoods_.append(self._objective(likelihood, near, self.parameters_, self.link_))
            if self.log_likelihoods_[-1] - self.log_likelihoods_[-2] < _CONVERGED:
                break
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: log odds plus a tie-break below 1e-5; tags without a labelled photo are lowest."""
        queries = photos.features.values
        near = self.labelled_.neighbours(queries, self.k)
        pi = self._weights(near, self.parameters_)
        shares = np.zeros((len(queries), self.labelled_.tags.shape[1]))
        for rank in range(pi.shape[1]):
            shares += pi[:, rank, None] * self.labelled_.tags[near.indices[:, rank]]
        present, absent = self.link_.log_probabilities(shares)
        scores = present - absent + self.labelled_.tie_break(queries)
        learnable = LearnableTags.with_photos(self.labelled_.tags)
        return learnable.expand(scores[:, learnable.columns], len(scores))

    def _start(self, k: int) -> Float64:
        """Weights that fall with the rank, or a rate by which they fall with the distance."""
        return np.array([10.0]) if self.by_distance else (1 / np.arange(1, k + 1)) / (1 / np.arange(1, k + 1)).sum()

    def _weights(self, near: Neighbours, parameters: Float64) -> Float64:
        """π, (n, k), rows summing to 1."""
        n, k = near.indices.shape
        if self.by_distance:
            weights = np.exp(parameters[0] * (_distances(near)[:, :1] - _distances(near)))
            return np.asarray(weights / weights.sum(axis=1, keepdims=True))
        kept = np.zeros(k)
        kept[: len(parameters)] = parameters[:k]
        kept = kept if kept.sum() > 0 else np.ones(k)
        return np.tile(kept / kept.sum() if k else kept, (n, 1))

    def _objective(self, likelihood: Likelihood, near: Neighbours, parameters: Float64, link: Link) -> float:
        return likelihood.value(likelihood.shares(self._weights(near, parameters)), link) - _penalty(link)

    def _step_weights(self, likelihood: Likelihood, near: Neighbours, stride: float) -> float:
        """One step of the weights; returns its stride."""
        pi = self._weights(near, self.parameters_)
        by_pi = likelihood.slope_by_weights(likelihood.shares(pi), self.link_)
        if self.by_distance:
            distances = _distances(near)
            slope = np.array([-(by_pi * pi * (distances - (pi * distances).sum(axis=1, keepdims=True))).sum()])
        else:
            slope = by_pi.sum(axis=0)
        reached = climb(
            Step(self.parameters_, self._objective(likelihood, near, self.parameters_, self.link_), stride),
            slope,
            lambda point: self._objective(likelihood, near, point, self.link_),
            (lambda point: np.clip(point, 0, 1e3)) if self.by_distance else onto_simplex,
        )
        self.parameters_ = reached.point
        return reached.stride

    def _step_sigmoids(self, likelihood: Likelihood, near: Neighbours, link: Sigmoid, stride: float) -> float:
        """One step of the sigmoids; returns its stride."""
        x = likelihood.shares(self._weights(near, self.parameters_))
        present = np.exp(link.log_probabilities(x)[0])
        by_z = likelihood.weights * (likelihood.tags - present)
        point = np.stack([link.alpha, link.beta])
        slope = np.stack([(by_z * x).sum(axis=0), by_z.sum(axis=0)]) - _PENALTY * (point - [[_ALPHA], [_BETA]])
        reached = climb(
            Step(point, likelihood.value(x, link) - _penalty(link), stride),
            slope,
            lambda point: likelihood.value(x, Sigmoid(*point)) - _penalty(Sigmoid(*point)),
            lambda point: np.stack([np.maximum(point[0], 0), point[1]]),
        )
        self.link_ = Sigmoid(*reached.point)
        return reached.stride


def _penalty(link: Link) -> float:
    """Half the squared distance of the sigmoids from their start, times `_PENALTY`."""
    if not isinstance(link, Sigmoid):
        return 0.0
    return 0.5 * _PENALTY * float(((link.alpha - _ALPHA) ** 2 + (link.beta - _BETA) ** 2).sum())


def _distances(near: Neighbours) -> Float64:
    """1 - cosine."""
    return 1 - near.similarities.astype(np.float64)
