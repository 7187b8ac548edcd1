"""Active learning: the photos to label next, those that reduce the uncertainty of other photos' tags the most.

Transductive experimental design (Yu, Bi and Tresp 2006, "Active learning via transductive experimental design"): under
ridge regression with the similarity k as kernel, the prediction for photo i has the variance k(i, i), and a label of
photo x reduces it by k(i, x)^2 / (k(x, x) + noise). With k conditioned on the labelled photos and d the variance of
each photo's predicted tags, the next photo has the largest

    gain(x) = sum_i d_i k(i, x)^2 / (k(x, x) + noise)

and k is conditioned on it in turn. The head is a ridge regression on the same feature blocks. Without a model all d are
1, and typical photos of large groups come first, as they should with few labels (Hacohen et al. 2022, "Active learning
on a budget: opposite strategies suit high and low budgets"). The same holds of what no tag names yet: to d is added the
probability that a photo shows none of the tags.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.tagging.representation import Representation, fit_representation
from clustertags.tagging.top_tags import TopTags
from clustertags.types import Bool, Classifier, Features, Float32, Float64, Int32, Neighbours

MAX_COMPARED = 4096
"""Similarities are n x n; a larger library is represented by a random sample of this size."""
NOISE = 0.3
"""The variance of a photo's tags that no other photo explains; 0.1 to 1 chose about as well."""
BLOCK_WEIGHTS = (1.0, 3.0, 1.0)
"""Of the feature blocks own, around and outputs in the similarity; measured in docs/results/suggest.md."""
NTH_NEAREST = 5
LEAST_SHARE = 0.8
"""Photos count as similar to a suggested one from this share of its similarity to the fifth nearest on."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A photo to tag.

    `n_alike`: estimated number of other photos that are similar to it, and nearer to it than to any labelled or
    suggested photo; `gain`: the expected reduction of variance, in photos of mean variance; `confidence`: the mean
    score in 0..1 of the best tags of these photos and itself, None where there are no tags yet; `unnamed`: the mean
    probability of these photos to show none of the tags, 0 where there are no tags or that is not known.
    """

    photo: int
    n_alike: int
    gain: float
    confidence: float | None
    unnamed: float = 0.0


@dataclass(frozen=True, slots=True)
class PhotoSimilarities:
    """Pairwise similarities. `photos`: (m,) indices of the sampled photos, ascending; `values`: (m, m) float32 in 0..1,
    symmetric; `n_photos`: the size of the library.
    """

    photos: NDArray[np.intp]
    values: Float32
    n_photos: int


def measure_similarities(
    features: Features,
    neighbours: Neighbours,
    classifier: Classifier | None,
    labelled: Int32,
    *,
    representation: Representation | None = None,
    random_state: int = 0,
) -> PhotoSimilarities:
    """The mean cosine of the photos' feature blocks, weighted by `BLOCK_WEIGHTS` and clipped at 0.

    More than `MAX_COMPARED` photos are sampled with `random_state`; the sample includes the first `MAX_COMPARED` // 2
    of `labelled`. Without a fitted `representation` one is fitted to all features.
    """
    fitted = representation or fit_representation(features, classifier, random_state=random_state)
    photos = _sampled(len(features), labelled, random_state)
    near = neighbours.take(photos)
    blocks = fitted.feature_blocks(features.take(photos), near)
    weighted = [(weight, block) for weight, block in zip(BLOCK_WEIGHTS, blocks.all, strict=True) if block.shape[1]]
    total = np.zeros((len(photos), len(photos)), np.float32)
    for weight, block in weighted:
        rows = block.astype(np.float32)
        total += np.float32(weight) * (rows @ rows.T)
    values = np.maximum(total / sum(weight for weight, _ in weighted), 0.0)
    return PhotoSimilarities(photos, np.asarray(values, np.float32), len(features))


def _sampled(n: int, labelled: Int32, random_state: int) -> NDArray[np.intp]:
    if n <= MAX_COMPARED:
        return np.arange(n)
    kept = labelled[: MAX_COMPARED // 2].astype(np.intp)
    others = np.setdiff1d(np.arange(n), labelled)
    drawn = np.random.default_rng(random_state).permutation(others)[: MAX_COMPARED - len(kept)]
    return np.sort(np.concatenate([kept, drawn]))


@dataclass(frozen=True, slots=True)
class Certainty:
    """How certain the model's predictions are.

    `confidence`: (n_photos,) float32 in 0..1, the score of each photo's best tag; `unnamed`: (n_photos,) float32 in
    0..1, how likely it shows none of the tags; `variance`: (n_photos,) float32, the sum of p (1 - p) over its tags, and
    `unnamed`.
    """

    confidence: Float32
    variance: Float32
    unnamed: Float32

    @classmethod
    def of(cls, best: TopTags, unnamed: Float64 | None = None) -> Certainty | None:
        """From the best tags of all photos and, where it is known, how likely they show none, (n_photos,); None where
        there are no tags.
        """
        if not best.scores.shape[1]:
            return None
        none = np.zeros(len(best.scores), np.float32) if unnamed is None else unnamed.astype(np.float32)
        variance = (best.scores * (1.0 - best.scores)).sum(axis=1) + none
        return cls(best.scores.max(axis=1), np.asarray(variance, np.float32), none)


def suggest_photos(
    similarities: PhotoSimilarities,
    labelled: Int32,
    certainty: Certainty | None,
    n_wanted: int,
    *,
    eligible: Bool | None = None,
) -> tuple[Suggestion, ...]:
    """At most `n_wanted` photos, the largest gain first; never one of `labelled`, empty where all are labelled.

    `labelled`: photo indices; `certainty` is None where there is no model yet; `eligible`: (n_photos,) bool, which may
    be suggested, all by default. Deterministic: ties go to the lower index.
    """
    photos, kernel = similarities.photos, similarities.values
    is_labelled = np.isin(photos, labelled)
    available = ~is_labelled if eligible is None else ~is_labelled & eligible[photos]
    weights = np.where(
        is_labelled, 0.0, 1.0 if certainty is None else _relative(certainty.variance[photos], ~is_labelled)
    )
    remaining = _conditioned(kernel, np.flatnonzero(is_labelled))
    chosen: list[int] = []
    gains: list[float] = []
    for _ in range(min(n_wanted, int(available.sum()))):
        variance = np.maximum(np.diag(remaining), 0.0) + NOISE
        gain = (weights.astype(np.float32) @ (remaining * remaining)) / variance
        best = int(np.where(available, np.round(gain, 4), -1.0).argmax())
        remaining -= np.outer(remaining[:, best], remaining[best] / variance[best])
        available[best] = False
        chosen.append(best)
        gains.append(float(gain[best]) * similarities.n_photos / len(photos))
    nearest = _nearest_chosen(kernel, is_labelled, chosen)
    suggestions = []
    for at, best in enumerate(chosen):
        group = np.flatnonzero(nearest == at)
        n_alike = round((len(group) - 1) * similarities.n_photos / len(photos))
        if certainty is None:
            suggestions.append(Suggestion(int(photos[best]), n_alike, gains[at], None))
            continue
        confidence, unnamed = (float(of[photos[group]].mean()) for of in (certainty.confidence, certainty.unnamed))
        suggestions.append(Suggestion(int(photos[best]), n_alike, gains[at], confidence, unnamed))
    return tuple(suggestions)


def _relative(variance: Float32, unlabelled: Bool) -> Float32:
    """Variance over its mean on the unlabelled photos; 1 for all where that is 0."""
    mean = float(variance[unlabelled].mean()) if unlabelled.any() else 0.0
    return np.asarray(variance / mean, np.float32) if mean > 1e-6 else np.ones_like(variance)


def _conditioned(kernel: Float32, labelled: NDArray[np.intp]) -> Float32:
    """The kernel given the labelled photos: K - K_L (K_LL + noise)^-1 K_L, (m, m) float32."""
    remaining = kernel.copy()
    if len(labelled):
        rows = kernel[labelled]
        gram = rows[:, labelled].astype(np.float64)
        gram[np.diag_indices_from(gram)] += NOISE
        remaining -= rows.T @ np.linalg.solve(gram, rows.astype(np.float64)).astype(np.float32)
    return remaining


def _nearest_chosen(kernel: Float32, is_labelled: Bool, chosen: list[int]) -> NDArray[np.intp]:
    """(m,) places in `chosen`: of the photo most similar to each, itself for a chosen one.

    -1 where none is similar enough (`LEAST_SHARE`) and for photos that are labelled or nearer to a labelled one.
    """
    if not chosen:
        return np.full(len(kernel), -1)
    columns = kernel[:, chosen]
    nth = max(len(kernel) - 1 - NTH_NEAREST, 0)
    nth_similarity = np.partition(columns, nth, axis=0)[nth]
    best, similarity = columns.argmax(axis=1), columns.max(axis=1)
    similar = similarity >= LEAST_SHARE * nth_similarity[best]
    nearer_than_labelled = similarity > kernel[:, is_labelled].max(axis=1, initial=0.0)
    nearest = np.where(similar & nearer_than_labelled & ~is_labelled, best, -1)
    nearest[chosen] = np.arange(len(chosen))
    return nearest
