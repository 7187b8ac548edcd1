"""The map equation: how well groups of photos compress a random walk on the neighbour graph.

A walker who steps from photo to neighbouring photo is described with one code for groups and one within each group.
Groups in which the walker stays long give a short description; groups too large need long codewords, groups too small
are left too often. Minimising the description selects the level, without a given size or number of clusters
(Rosvall, Axelsson, Bergstrom 2009, "The map equation", equation 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clustertags.types import UNCLUSTERED, Float32, Float64, Int32


@dataclass(frozen=True, slots=True)
class GroupFlow:
    """Steps of the walker between groups, as shares of all steps: `flow` (n_groups, n_groups), symmetric, sparse."""

    flow: Any

    @property
    def visits(self) -> Float64:
        """(n_groups,) share of the steps that start in each group."""
        return np.asarray(self.flow.sum(axis=1)).ravel()

    @property
    def inner(self) -> Float64:
        """(n_groups,) share of the steps that stay in each group."""
        return np.asarray(self.flow.diagonal())


def group_flow(indices: Int32, weights: Float32, labels: Int32, n_groups: int) -> GroupFlow:
    """Flow between the groups of `labels`, (n_photos,) int32; unclustered photos are excluded from the walk.

    A step from a photo to a neighbour, both (n_photos, k), is as likely as its weight is high, and steps go both ways.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415

    start = np.repeat(labels, indices.shape[1])
    end = labels[indices.ravel()]
    weight = weights.ravel().astype(np.float64)
    walked = (start != UNCLUSTERED) & (end != UNCLUSTERED)
    steps = coo_array((weight[walked], (start[walked], end[walked])), shape=(n_groups, n_groups)).tocsr()
    flow = (steps + steps.T) / max(2 * steps.sum(), 1e-12)
    return GroupFlow(flow.tocsr())


def xlogx(x: Any) -> Any:
    """Values times their logarithm, nats, 0 at 0, elementwise."""
    return np.where(x > 0, x * np.log(np.where(x > 0, x, 1)), 0.0)


def group_cost(exits: Any, visits: Any) -> Any:
    """The term of one group in the description, in nats a step, without the code for groups as a whole.

    `exits`, `visits`: the shares of steps that leave the group, and that start in it.
    """
    return xlogx(exits + visits) - 2 * xlogx(exits)
