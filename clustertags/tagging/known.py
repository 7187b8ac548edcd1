"""How likely a photo shows any of the tags at all: in most libraries most photos show none.

The labelled photos are positive examples of "shows a tag of the vocabulary", and the other photos of the library are
unlabelled (Elkan and Noto 2008, "Learning classifiers from only positive and unlabeled data"). The evidence of a photo
is the log of the mass m that reaches it from the labelled photos by a random walk with restart on the neighbour graph
(Tong et al. 2006), less log(1 + m0 / m) where m0 reaches it from photos that the person said show none of the tags. Its
normal quantile z among the unlabelled photos ranks the library, and

    P(known | z) = logistic(a z + b),   b such that the mean over the library is the share p.

Labelled photos, each scored without itself, have the density logistic(a z + b) / p over ranks. Those scored without all
labels of their own tags stand for photos of unknown kinds and have the density (1 - logistic(a z + b)) / (1 - p), as
have photos that the person said show none of the tags. `known_posterior` sums over a and p.

Seed tags that were drawn at random lie anywhere in their cluster; those of a burst lie next to one another, and their
scores are too good. Then they are trusted less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.support.numbers import as_saved
from clustertags.tagging.known_posterior import CURVE_Z, HeldOut, fit_posterior
from clustertags.tagging.label_spreading import neighbour_graph
from clustertags.tagging.representation import closeness
from clustertags.types import Bool, Clusters, Float32, Float64, Int32, Neighbours, SeedTags

RESTART = 0.15
"""AUROC of known against unknown photos was flat from 0.1 to 0.2 on four sets."""
N_NEIGHBOURS = 10
N_STEPS = 40
MAX_TESTED = 400

BURST_RANK, RANDOM_RANK = 0.25, 0.45
"""Mean relative rank of same-tag photos in their cluster: 0.12 to 0.25 where the nearest ones were labelled, 0.35 to
0.57 where they were drawn at random, on four sets."""
RANK_PRIOR = 4.0
MIN_AROUND = 8
LEAST_MASS = 1e-9
DECIMALS = 5

_QUANTILES = np.linspace(0.0, 1.0, 201)


@dataclass(frozen=True, slots=True)
class KnownPhotos:
    """P(known | photo) of any photo.

    `mass` and `none_mass`: (n_fitted,) float32, what reaches each fitted photo from the labelled ones, and from those
    that show none of the tags; `quantiles`: (201,) float32 of the evidence of the
    unlabelled photos; `curve`: (161,) float32, P(known | z) for z from -4 to 4. `share`: the mean over the library, and
    `low` and `high`, between which it lies with probability 0.9. `trust`: in 0..1, how far the labelled photos can be
    taken for a random sample of their kinds.
    """

    mass: Float32
    none_mass: Float32
    quantiles: Float32
    curve: Float32
    share: float
    low: float
    high: float
    trust: float

    def probabilities(self, neighbours: Neighbours) -> Float64:
        """(n,) float64 in 0..1, from each photo's nearest fitted photos."""
        found = _look_up(neighbours, np.stack([self.mass, self.none_mass], axis=1).astype(np.float64))
        z = _normal_quantiles(self.quantiles, _evidence(found[:, 0], found[:, 1]))
        return np.interp(z, CURVE_Z, self.curve.astype(np.float64))

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        return {f"known.{name}": getattr(self, name) for name in ("mass", "none_mass", "quantiles", "curve")}

    def to_json(self) -> dict[str, float]:
        return {name: round(float(getattr(self, name)), 6) for name in ("share", "low", "high", "trust")}

    @classmethod
    def from_saved(cls, tensors: Mapping[str, NDArray[Any]], settings: Mapping[str, float]) -> KnownPhotos:
        mass, quantiles, curve = (tensors[f"known.{name}"] for name in ("mass", "quantiles", "curve"))
        none_mass = tensors.get("known.none_mass", np.zeros_like(mass))  # early versions did not know such photos
        share, low, high, trust = (float(settings[name]) for name in ("share", "low", "high", "trust"))
        return cls(mass, none_mass, quantiles, curve, share, low, high, trust)


def fit_known(
    neighbours: Neighbours, space: Float64, clusters: Clusters, seed_tags: SeedTags, distinct: Bool
) -> KnownPhotos:
    """Fit on the nearest others of every fitted photo, `space` (n_fitted, n_axes) with rows of unit length, in which
    labelled photos are compared, and the seed tags; `distinct`: (n_labelled,) bool, see `labelled_twins`.
    """
    photos, matrix = seed_tags.photos, seed_tags.matrix
    tested, step = _tested(len(photos)), _transitions(neighbours)
    mass = _walk(step, photos, matrix, tested)
    of_tags = mass[:, : matrix.shape[1]]
    total = as_saved(of_tags.sum(axis=1, dtype=np.float64))
    none = _NoneOfTheTags.of(step, neighbours, seed_tags.none)
    found = _look_up(neighbours, total[:, None])[:, 0]
    evidence = _evidence(found, none.found)
    unlabelled = np.setdiff1d(np.arange(len(evidence)), photos)
    reference = evidence[unlabelled] if len(unlabelled) else evidence
    quantiles = np.quantile(reference, _QUANTILES, method="nearest")
    without_own, without_tags = _held_out(neighbours, mass, seed_tags, _Tested(tested, distinct[tested]), none.found)
    labelled_none = _evidence(found[none.tested], none.without_own)
    trust = trust_in_labels(space, clusters, photos, matrix, of_tags.argmax(axis=1))
    held_out = HeldOut(*(_normal_quantiles(quantiles, of) for of in (without_own, without_tags, labelled_none)))
    posterior = fit_posterior(
        held_out,
        float(matrix.sum(axis=0).mean()),
        matrix.shape[1],
        trust if len(without_own) > 1 else 0.0,
    )
    low, high = posterior.interval()
    return KnownPhotos(
        total.astype(np.float32),
        none.mass,
        quantiles.astype(np.float32),
        posterior.curve().astype(np.float32),
        posterior.share(),
        low,
        high,
        trust,
    )


def _tested(n_labelled: int) -> NDArray[np.intp]:
    """Rows of labelled photos to score without their labels, evenly among all."""
    return np.unique(np.linspace(0, n_labelled - 1, min(n_labelled, MAX_TESTED)).astype(np.intp))


def _transitions(neighbours: Neighbours) -> Any:
    """(n, n) sparse float32: the probability of each step of a walk on the neighbour graph."""
    from scipy.sparse import diags_array  # noqa: PLC0415

    graph = neighbour_graph(_nearest_few(neighbours))
    degrees = np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-9)
    return (diags_array((1.0 / degrees).astype(np.float32)) @ graph).tocsr()


def _walk(step: Any, photos: Int32, matrix: Bool, tested: NDArray[np.intp]) -> Float32:
    """(n, n_tags + n_tested) float32: the probability that a walk from a photo by the transitions `step`, which
    restarts with probability `RESTART` each time, is at a labelled photo of each tag; then at each of the `tested`
    ones.
    """
    sources = np.zeros((step.shape[0], matrix.shape[1] + len(tested)), np.float32)
    sources[photos, : matrix.shape[1]] = matrix
    sources[photos[tested], matrix.shape[1] + np.arange(len(tested))] = 1.0
    reached = sources.copy()
    for _ in range(N_STEPS):
        reached = (1.0 - RESTART) * (step @ reached) + RESTART * sources
    return reached


def _nearest_few(neighbours: Neighbours) -> Neighbours:
    return Neighbours(neighbours.indices[:, :N_NEIGHBOURS], neighbours.similarities[:, :N_NEIGHBOURS])


def _look_up(neighbours: Neighbours, mass: NDArray[np.floating]) -> Float64:
    """(n, n_columns): the mean mass of each photo's nearest fitted photos, weighted by closeness."""
    near = _nearest_few(neighbours)
    return np.asarray(np.einsum("nk,nkc->nc", closeness(near), mass[np.maximum(near.indices, 0)]))


def _evidence(mass: Float64, none_mass: Float64) -> Float64:
    """Rounded, so that photos which no mass reaches tie before and after saving."""
    known = mass + LEAST_MASS
    return np.asarray(np.round(np.log(known) - np.log1p(none_mass / known), DECIMALS))


@dataclass(frozen=True, slots=True)
class _NoneOfTheTags:
    """Photos that show none of the tags. `mass`: (n_fitted,) float32, what reaches each fitted photo from them;
    `found`: (n_fitted,) the mean of its nearest; `tested`: some of them, indices, with `without_own` found but for
    their own.
    """

    mass: Float32
    found: Float64
    tested: Int32
    without_own: Float64

    @classmethod
    def of(cls, step: Any, neighbours: Neighbours, photos: Int32) -> _NoneOfTheTags:
        if not len(photos):
            nothing = np.zeros(step.shape[0])
            return cls(nothing.astype(np.float32), nothing, photos, nothing[:0])
        tested = _tested(len(photos))
        mass = _walk(step, photos, np.ones((len(photos), 1), np.bool_), tested)
        total = mass[:, 0]
        found = _look_up(neighbours, total[:, None])[:, 0]
        own = _look_up(neighbours.take(photos[tested]), mass[:, 1:])
        return cls(total, found, photos[tested], np.maximum(found[photos[tested]] - np.diag(own), 0.0))


@dataclass(frozen=True, slots=True)
class _Tested:
    """`rows` of labelled photos, and which of them are `distinct`: (n_tested,) both."""

    rows: NDArray[np.intp]
    distinct: Bool


def _held_out(
    neighbours: Neighbours, mass: Float32, seed_tags: SeedTags, test: _Tested, none_found: Float64
) -> tuple[Float64, Float64]:
    """The evidence of tested labelled photos without their own labels, for distinct ones with a tag that another has;
    and without all labels of photos that share a tag with them, for those that leave some tag, and all of whose tags
    are known.
    """
    photos, matrix, tested = seed_tags.photos, seed_tags.matrix, test.rows
    n_tags = matrix.shape[1]
    labels, own = matrix.astype(np.float64), matrix[tested]
    counts = labels.sum(axis=0)
    found = _look_up(neighbours.take(photos[tested]), mass)
    singles = found[:, n_tags:]
    of_tags = np.maximum(found[:, :n_tags] - np.where(own, np.diag(singles)[:, None], 0.0), 0.0)
    rescaled = np.where(own, of_tags * (counts / np.maximum(counts - 1, 1)), of_tags).sum(axis=1)
    shares = (labels[tested] @ labels[tested].T) > 0
    tags_left = n_tags - own.sum(axis=1)
    other_tags = labels[tested].sum(axis=1) * (len(photos) / len(tested))
    others = (singles * ~shares) @ other_tags * (n_tags / np.maximum(tags_left, 1))
    testable = (own & (counts > 1)).any(axis=1) & test.distinct
    none, left = none_found[photos[tested]], (tags_left > 0) & seed_tags.in_full[tested]
    return _evidence(rescaled[testable], none[testable]), _evidence(others[left], none[left])


def _normal_quantiles(quantiles: NDArray[np.floating], evidence: Float64) -> Float64:
    """(n,) the normal quantile of each value's rank in the distribution with these quantiles, within +-4."""
    from statistics import NormalDist  # noqa: PLC0415

    points = _normal_table(NormalDist())
    known = np.round(np.asarray(quantiles, np.float64), DECIMALS)
    low, high = np.searchsorted(known, evidence, "left"), np.searchsorted(known, evidence, "right")
    between = np.interp(evidence, known, np.arange(len(known), dtype=np.float64))
    at = np.where(high > low, (low + high - 1) / 2.0, between)
    return np.asarray(np.interp(at, np.arange(len(known)), points))


@lru_cache(maxsize=1)
def _normal_table(normal: Any) -> Float64:
    """(201,) the standard normal quantiles of `_QUANTILES`, the ends half a step inside."""
    half = 0.25 / (len(_QUANTILES) - 1)
    return np.array([normal.inv_cdf(float(level)) for level in np.clip(_QUANTILES, half, 1.0 - half)])


def trust_in_labels(
    space: Float64, clusters: Clusters, photos: Int32, matrix: Bool, nearest_tag: NDArray[np.intp]
) -> float:
    """In 0..1: 1 where labelled photos lie anywhere among the photos of their kind, 0 where those of one tag are the
    nearest to one another.

    The photos of a labelled photo's kind are those of its cluster whose `nearest_tag`, (n_fitted,) columns, is one of
    its own.
    """
    ranks: list[float] = []
    rows = np.arange(len(photos))
    for row, photo in enumerate(photos.tolist()):
        same = photos[(matrix & matrix[row]).any(axis=1) & (rows != row)]
        if not len(same) or clusters.labels[photo] < 0:
            continue
        around = clusters.members(int(clusters.labels[photo]))
        own = np.isin(nearest_tag[around], np.flatnonzero(matrix[row])) | np.isin(around, same)
        around = around[own & (around != photo)]
        hits = np.isin(around, same)
        if len(around) < MIN_AROUND or not hits.any() or hits.mean() > 0.8:
            continue
        order = np.argsort(np.argsort(-(space[around] @ space[photo]), kind="stable"))
        ranks.append(float(((order[hits] + 0.5) / len(around)).mean()))
    mean = (sum(ranks) + RANK_PRIOR * RANDOM_RANK) / (len(ranks) + RANK_PRIOR)
    return float(np.clip((mean - BURST_RANK) / (RANDOM_RANK - BURST_RANK), 0.0, 1.0))
