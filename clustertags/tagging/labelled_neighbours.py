"""Votes of the nearest labelled photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.tagging.representation import unit_rows
from clustertags.types import Bool, Float64

N_LABELLED = 10
VOTE_POWER = 8.0
PRIOR_VOTES = 0.02
"""The weight of the prior; the vote of a labelled photo at cosine 0.6 has 0.017."""


@dataclass(frozen=True, slots=True)
class Voters:
    """The labelled photos nearest to each query: `rows` (n, k) into the labelled photos, `cosines` (n, k) float64."""

    rows: NDArray[np.intp]
    cosines: Float64


def find_voters(codes: Float64, labelled_codes: Float64, *, exclude_self: bool = False) -> Voters:
    """The `N_LABELLED` labelled photos of the highest cosine, nearest first, ties to the lower row.

    With `exclude_self` query i is labelled photo i and is not among its own voters.
    """
    cosines = np.round(unit_rows(codes) @ unit_rows(labelled_codes).T, 10)
    if exclude_self:
        np.fill_diagonal(cosines, -np.inf)
    k = min(N_LABELLED, cosines.shape[1] - int(exclude_self))
    rows = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return Voters(rows, np.take_along_axis(cosines, rows, axis=1))


def vote_weights(voters: Voters) -> Float64:
    """(n, k) float64: cosine to the eighth power, so that one near photo outweighs many distant ones."""
    weights: Float64 = np.maximum(voters.cosines, 0.0) ** VOTE_POWER
    return weights


def tag_vote_shares(voters: Voters, matrix: Bool | Float64, prior: Float64) -> Float64:
    """(n, n_tags) float64 in 0..1: weighted share of the voters that carry the tag, shrunk towards `prior`
    ((n_tags,) or (n, n_tags), the tags' shares of all labelled photos) where voters are distant.
    """
    weights = vote_weights(voters)
    shares = PRIOR_VOTES * np.broadcast_to(prior, (len(weights), matrix.shape[1]))
    for rank in range(weights.shape[1]):
        shares = shares + weights[:, rank, None] * matrix[voters.rows[:, rank]]
    result: Float64 = shares / (weights.sum(axis=1, keepdims=True) + PRIOR_VOTES)
    return result


def leave_one_out_votes(codes: Float64, matrix: Bool | Float64) -> Float64:
    """(n_labelled, n_tags): `tag_vote_shares` of labelled photos, each by the others; `codes` (n_labelled, n_axes)."""
    own = matrix.astype(np.float64)
    priors = (own.sum(axis=0) - own) / max(len(own) - 1, 1)
    return tag_vote_shares(find_voters(codes, codes, exclude_self=True), matrix, priors)
