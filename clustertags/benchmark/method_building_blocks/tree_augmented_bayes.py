"""A Bayesian network over discrete values whose edges form a tree below the class (TAN).

Friedman, Geiger, Goldszmidt 1997, "Bayesian network classifiers", section 4: the tree is the maximum spanning tree of
the conditional mutual information I(X_i; X_j | C) (Chow, Liu 1968), each value then depends on the class and on its
parent. Probabilities of a value are shrunk towards its frequency in the class, and that towards the overall
frequency, so that none is zero in a class with one photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Float64

ROOT = -1
_PRIOR_PHOTOS = 5.0
"""Friedman et al.'s weight of the shrinkage, section 4.2."""


@dataclass(eq=False)
class TreeNetwork:
    """An estimator: `fit(values, classes)`, then log joint probabilities.

    `n_values`: how many values there are, 0 .. n_values-1. After `fit`, `parents_` is (n_variables,) with `ROOT` for
    the first, `log_prior_` (n_classes,), `log_tables_` (n_variables, n_classes, n_values of the parent, n_values).
    """

    n_values: int

    def fit(self, values: NDArray[np.intp], classes: NDArray[np.intp]) -> Self:
        """From (n, n_variables) values and (n,) classes 0 .. n_classes-1, every one of which occurs."""
        self.classes_ = np.unique(classes)
        members = (classes[:, None] == self.classes_).astype(np.float64)
        one_hot = np.eye(self.n_values)[values]
        joint = np.einsum("nc,nia,njb->cijab", members, one_hot, one_hot, optimize=True)
        self.parents_ = _tree(conditional_information(joint))
        self.log_prior_ = np.log(members.sum(axis=0) / len(classes))
        self.log_tables_ = self._tables(joint, members.sum(axis=0))
        return self

    def predict_joint_log_proba(self, values: NDArray[np.intp]) -> Float64:
        """(n, n_classes) float64: log P(class, values)."""
        result = np.tile(self.log_prior_, (len(values), 1))
        for variable, parent in enumerate(self.parents_):
            above = values[:, parent] if parent != ROOT else np.zeros(len(values), np.intp)
            result += self.log_tables_[variable][:, above, values[:, variable]].T
        return result

    def _tables(self, joint: Float64, counts: Float64) -> Float64:
        """The logarithm of P(value | class, parent's value), the same for every parent's value at the root."""
        n_variables = joint.shape[1]
        alone = np.einsum("ciiaa->cia", joint)  # counts by class
        share = (alone.sum(axis=0) + 1) / (counts.sum() + self.n_values)
        by_class = (alone + _PRIOR_PHOTOS * share) / (counts[:, None, None] + _PRIOR_PHOTOS)
        tables = np.empty((n_variables, len(counts), self.n_values, self.n_values))
        for variable, parent in enumerate(self.parents_):
            if parent == ROOT:
                tables[variable] = by_class[:, variable, None, :]
                continue
            pairs = joint[:, parent, variable]  # (class, the parent's value, the value)
            of_parent = pairs.sum(axis=2, keepdims=True)
            tables[variable] = (pairs + _PRIOR_PHOTOS * by_class[:, variable, None, :]) / (of_parent + _PRIOR_PHOTOS)
        return np.log(tables)


def conditional_information(joint: Float64) -> Float64:
    """I(X_i; X_j | C) in nats, (n_variables, n_variables), from counts (class, i, j, value of i, value of j)."""
    total = joint[:, 0, 0].sum()
    by_class = joint.sum(axis=(3, 4), keepdims=True)
    first, second = joint.sum(axis=4, keepdims=True), joint.sum(axis=3, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = joint / total * np.log(joint * by_class / (first * second))
    return np.asarray(np.where(joint > 0, terms, 0).sum(axis=(0, 3, 4)), np.float64)


def _tree(weights: Float64) -> NDArray[np.intp]:
    """(n_variables,) parents in the maximum spanning tree, rooted at the first variable (Prim 1957)."""
    n = len(weights)
    parents = np.full(n, ROOT, np.intp)
    outside = np.arange(1, n)
    best = np.zeros(n, np.intp)
    while len(outside):
        joined = outside[np.argmax(np.round(weights[outside, best[outside]], 12))]
        parents[joined] = best[joined]
        outside = outside[outside != joined]
        nearer = np.round(weights[outside, joined], 12) > np.round(weights[outside, best[outside]], 12)
        best[outside[nearer]] = joined
    return parents
