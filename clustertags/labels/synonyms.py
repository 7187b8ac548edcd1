"""Tags that may be two spellings of one, suggested with the evidence and never united by themselves.

Being written alike is not enough (`glass` and `grass`): two tags are suggested only where they are also seen on the
same kinds of photos, by one of three tests against chance. Those are: they stand on the same photos (the hypergeometric
tail), their photos are in the same clusters, or their photos look alike (both by dealing the rarer tag out blindly).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, lgamma

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.spellings import LikePair, like_pairs
from clustertags.types import UNCLUSTERED, Bool, Float32, Int32, SeedTags

MIN_COUNT = 2
"""A tag on fewer photos shows too little of what it stands on."""
MAX_P = 0.05
MAX_P_SLIP = 0.01
"""Asked of tags that differ in one letter, which are more often two words."""
MIN_LIFT = 2.0
"""How many times oftener than by chance they stand together; a slip of the pen rarely stands beside the right word."""
MIN_NEARNESS, MIN_NEARNESS_SLIP = 0.3, 0.6
"""Of many photos a slight likeness is beyond chance too: this much is asked for."""
N_DEALS = 200


@dataclass(frozen=True, slots=True)
class SynonymSuggestion:
    """`tag` may be another spelling of `canonical`, the commoner one; `evidence` says why, in words."""

    tag: str
    canonical: str
    form: str
    evidence: str


def suggest_synonyms(
    seeds: SeedTags, labels: Int32, space: Float32 | None = None, *, seed: int = 0
) -> tuple[SynonymSuggestion, ...]:
    """Suggestions over `seeds.vocabulary`, in its order.

    `labels`: (n_labelled,) int32 clusters of the labelled photos; `space`: (n_labelled, n_components) float32, rows of
    unit length, None where there are no pictures. `seed` draws the blind deals.
    """
    counts = seeds.matrix.sum(axis=0)
    random = np.random.default_rng(seed)
    kinds = _kinds(labels, space)
    found = []
    for pair in like_pairs(seeds.vocabulary):
        rarer, commoner = sorted((pair.first, pair.second), key=lambda tag: (counts[tag], -tag))
        if counts[rarer] < MIN_COUNT:
            continue
        evidence = _evidence(seeds.matrix[:, commoner], seeds.matrix[:, rarer], pair, kinds, random)
        if evidence:
            both = f"{_count(seeds, commoner)}, {_count(seeds, rarer)}"
            words = f"{pair.form}; {both}; {'; '.join(evidence)}"
            found.append(SynonymSuggestion(seeds.vocabulary[rarer], seeds.vocabulary[commoner], pair.form, words))
    return tuple(found)


def _evidence(
    common: Bool, rare: Bool, pair: LikePair, kinds: Mapping[str, NDArray[np.float32]], random: np.random.Generator
) -> list[str]:
    """What says that both are seen on the same kinds of photos; empty where nothing does."""
    limit = MAX_P_SLIP if pair.slip else MAX_P
    evidence = []
    n, first, second = len(common), int(common.sum()), int(rare.sum())
    together, expected = int((common & rare).sum()), first * second / n
    often = together >= max(MIN_COUNT, MIN_LIFT * expected)
    if often and not pair.slip and _overlap_tail(n, first, second, together) <= limit:
        evidence.append(f"together on {together:,} ({expected:.1f} by chance)")
    for what, rows in kinds.items():
        near = _nearness(rows, common, rare)
        if near >= (MIN_NEARNESS_SLIP if pair.slip else MIN_NEARNESS) and _dealt_p(rows, common, rare, random) <= limit:
            evidence.append(f"{what} ({min(near, 1.0):.0%} as near as the photos of one tag)")
    return evidence


def _kinds(labels: Int32, space: Float32 | None) -> dict[str, NDArray[np.float32]]:
    """(n_labelled, n_kinds) rows whose products say how alike photos are, by the words for it."""
    n_clusters = int(labels.max(initial=UNCLUSTERED)) + 1
    clusters = np.zeros((len(labels), max(n_clusters, 1)), np.float32)
    placed = np.flatnonzero(labels != UNCLUSTERED)
    clusters[placed, labels[placed]] = 1.0
    found: dict[str, NDArray[np.float32]] = {"in the same clusters": clusters}
    return found if space is None else {**found, "on photos that look alike": space}


def _nearness(rows: NDArray[np.float32], common: Bool, rare: Bool) -> float:
    """How near the rare tag's photos are to those of the common tag: 0 as all others are, 1 as these are to another."""
    only_rare, others = rare & ~common, ~rare & ~common
    if common.sum() < MIN_COUNT or only_rare.sum() < MIN_COUNT or not others.any():
        return 0.0
    own = rows[common]
    total = own.sum(axis=0)
    itself = float(((own @ total - (own**2).sum(axis=1)) / (len(own) - 1)).mean())
    near, far = (float((rows[group] @ total).mean()) / len(own) for group in (only_rare, others))
    return (near - far) / (itself - far) if itself > far else 0.0


def _dealt_p(rows: NDArray[np.float32], common: Bool, rare: Bool, random: np.random.Generator) -> float:
    """How often the rare tag, dealt blindly among the photos without the common one, is as near to that one's photos.

    Photos with both are left out: they are near by themselves.
    """
    apart = np.flatnonzero(~common)
    own = rare[apart]
    near = rows[apart] @ rows[common].mean(axis=0)
    size = int(own.sum())
    dealt = np.array([near[random.choice(len(apart), size, replace=False)].sum() for _ in range(N_DEALS)])
    return (1 + int((dealt >= near[own].sum() - 1e-6).sum())) / (1 + N_DEALS)


def _overlap_tail(n: int, first: int, second: int, together: int) -> float:
    """Probability that `second` photos drawn of `n` hold `together` or more of `first` (hypergeometric)."""
    total = _log_choose(n, second)
    terms = range(max(together, first + second - n), min(first, second) + 1)
    return min(1.0, sum(exp(_log_choose(first, k) + _log_choose(n - first, second - k) - total) for k in terms))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _count(seeds: SeedTags, tag: int) -> str:
    number = int(seeds.matrix[:, tag].sum())
    return f"{seeds.vocabulary[tag]} on {number:,}"
