"""Suggest pairs of tags that may be two spellings of one, with the evidence; they are never merged automatically.

A similar spelling is not sufficient (`glass` and `grass`): the tags must also be used for the same kinds of photos, by
one of three significance tests. They are on the same photos (the hypergeometric tail), their photos are in the same
clusters, or their photos look alike (both by permuting the rarer tag).
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
"""A tag on fewer photos is not compared."""
MAX_P = 0.05
MAX_P_SLIP = 0.01
"""For tags that differ in one letter, which are more often two words."""
MIN_LIFT = 2.0
"""The least ratio of photos with both tags to those expected by chance; not for tags that differ in one letter, as a
typing error is rarely on the same photo as the right word."""
MIN_NEARNESS, MIN_NEARNESS_SLIP = 0.3, 0.6
"""The least effect size, as a slight similarity of many photos is significant too."""
N_PERMUTATIONS = 200


@dataclass(frozen=True, slots=True)
class SynonymSuggestion:
    """`tag` may be another spelling of `canonical`, the commoner one; `evidence` says why, in words."""

    tag: str
    canonical: str
    form: str
    evidence: str


def suggest_synonyms(
    seed_tags: SeedTags, labels: Int32, space: Float32 | None = None, *, random_state: int = 0
) -> tuple[SynonymSuggestion, ...]:
    """Suggestions over `seed_tags.vocabulary`, in its order.

    `labels`: (n_labelled,) int32 clusters of the labelled photos; `space`: (n_labelled, n_components) float32, rows of
    unit length, None where there are no pictures. `random_state` seeds the permutations.
    """
    counts = seed_tags.matrix.sum(axis=0)
    random = np.random.default_rng(random_state)
    kinds = _kinds(labels, space)
    found = []
    for pair in like_pairs(seed_tags.vocabulary):
        rarer, commoner = sorted((pair.first, pair.second), key=lambda tag: (counts[tag], -tag))
        if counts[rarer] < MIN_COUNT:
            continue
        evidence = _evidence(seed_tags.matrix[:, commoner], seed_tags.matrix[:, rarer], pair, kinds, random)
        if evidence:
            both = f"{_count(seed_tags, commoner)}, {_count(seed_tags, rarer)}"
            words = f"{pair.form}; {both}; {'; '.join(evidence)}"
            found.append(
                SynonymSuggestion(seed_tags.vocabulary[rarer], seed_tags.vocabulary[commoner], pair.form, words)
            )
    return tuple(found)


def _evidence(
    common: Bool, rare: Bool, pair: LikePair, kinds: Mapping[str, NDArray[np.float32]], random: np.random.Generator
) -> list[str]:
    """The significant tests that both are used for the same kinds of photos, in words."""
    limit = MAX_P_SLIP if pair.slip else MAX_P
    evidence = []
    n, first, second = len(common), int(common.sum()), int(rare.sum())
    together, expected = int((common & rare).sum()), first * second / n
    often = together >= max(MIN_COUNT, MIN_LIFT * expected)
    if often and not pair.slip and _overlap_tail(n, first, second, together) <= limit:
        evidence.append(f"together on {together:,} ({expected:.1f} by chance)")
    for what, rows in kinds.items():
        near = _nearness(rows, common, rare)
        if (
            near >= (MIN_NEARNESS_SLIP if pair.slip else MIN_NEARNESS)
            and _permutation_p(rows, common, rare, random) <= limit
        ):
            evidence.append(f"{what} ({min(near, 1.0):.0%} as near as the photos of one tag)")
    return evidence


def _kinds(labels: Int32, space: Float32 | None) -> dict[str, NDArray[np.float32]]:
    """(n_labelled, n_dimensions) rows whose products are similarities of photos, by the words for them."""
    n_clusters = int(labels.max(initial=UNCLUSTERED)) + 1
    clusters = np.zeros((len(labels), max(n_clusters, 1)), np.float32)
    placed = np.flatnonzero(labels != UNCLUSTERED)
    clusters[placed, labels[placed]] = 1.0
    found: dict[str, NDArray[np.float32]] = {"in the same clusters": clusters}
    return found if space is None else {**found, "on photos that look alike": space}


def _nearness(rows: NDArray[np.float32], common: Bool, rare: Bool) -> float:
    """Similarity of the rare tag's photos to the common tag's: 0 as of all others, 1 as of these to one another."""
    only_rare, others = rare & ~common, ~rare & ~common
    if common.sum() < MIN_COUNT or only_rare.sum() < MIN_COUNT or not others.any():
        return 0.0
    own = rows[common]
    total = own.sum(axis=0)
    itself = float(((own @ total - (own**2).sum(axis=1)) / (len(own) - 1)).mean())
    near, far = (float((rows[group] @ total).mean()) / len(own) for group in (only_rare, others))
    return (near - far) / (itself - far) if itself > far else 0.0


def _permutation_p(rows: NDArray[np.float32], common: Bool, rare: Bool, random: np.random.Generator) -> float:
    """p-value of the rare tag's similarity to the common one, by permuting it among the photos without the common one.

    Photos with both tags are excluded.
    """
    apart = np.flatnonzero(~common)
    own = rare[apart]
    near = rows[apart] @ rows[common].mean(axis=0)
    size = int(own.sum())
    permuted = np.array([near[random.choice(len(apart), size, replace=False)].sum() for _ in range(N_PERMUTATIONS)])
    return (1 + int((permuted >= near[own].sum() - 1e-6).sum())) / (1 + N_PERMUTATIONS)


def _overlap_tail(n: int, first: int, second: int, together: int) -> float:
    """Probability that `second` photos drawn of `n` hold `together` or more of `first` (hypergeometric)."""
    total = _log_choose(n, second)
    terms = range(max(together, first + second - n), min(first, second) + 1)
    return min(1.0, sum(exp(_log_choose(first, k) + _log_choose(n - first, second - k) - total) for k in terms))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _count(seed_tags: SeedTags, tag: int) -> str:
    number = int(seed_tags.matrix[:, tag].sum())
    return f"{seed_tags.vocabulary[tag]} on {number:,}"
