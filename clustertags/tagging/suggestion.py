"""Which photos to tag next: those that teach the most of the photos whose tags are still unsure, no two the same.

Transductive experimental design (Yu, Bi and Tresp 2006, "Active learning via transductive experimental design"): under
ridge regression with the likeness k of photos, what is not known of photo i has the variance k(i, i), and tagging x
takes k(i, x)^2 / (k(x, x) + noise) of it away. With k reduced by what the labelled photos tell and d the doubt that
the model has of each photo, the next photo has the largest

    gain(x) = sum_i d_i k(i, x)^2 / (k(x, x) + noise)

and k is reduced by it in turn. The head is a ridge regression on the same views. Without a model all d are 1, and the
typical photo of a large group comes first, as it should with few labels (Hacohen et al. 2022, "Active learning on a
budget: opposite strategies suit high and low budgets").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.tagging.representation import Representation, fit_representation
from clustertags.tagging.top_tags import TopTags
from clustertags.types import Bool, Classifier, Features, Float32, Int32, Neighbours

MAX_COMPARED = 4096
"""Likenesses are n x n; of a larger library so many photos, drawn evenly, stand for all."""
NOISE = 0.3
"""The share of a photo's tags that no other photo foretells; 0.1 to 1 chose about as well."""
SHARES = (1.0, 3.0, 1.0)
"""Of the views own, around and outputs in how alike two photos are; what was measured is in docs/results/suggest.md."""
CLOSE_PHOTOS = 5
LEAST_SHARE = 0.8
"""Photos are like a suggested one from this share of its likeness to the fifth nearest on."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A photo to tag. `n_alike`: about how many other photos are like it, and nearer to it than to any that is labelled
    or suggested; `gain`: what its tags would tell, in photos of middling doubt; `sureness`: the mean score in 0..1 of
    the best tag of the photos it speaks for (its own included), None where there are no tags yet.
    """

    photo: int
    n_alike: int
    gain: float
    sureness: float | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike photos are. `photos`: (m,) indices, ascending, of those compared; `values`: (m, m) float32 in 0..1,
    symmetric; `n_photos`: of how many photos they were drawn.
    """

    photos: NDArray[np.intp]
    values: Float32
    n_photos: int


def measure_likeness(
    features: Features,
    neighbours: Neighbours,
    classifier: Classifier | None,
    labelled: Int32,
    *,
    representation: Representation | None = None,
    seed: int = 0,
) -> Likeness:
    """The mean cosine of the photos' views (`representation.Views`), weighted by `SHARES`, nothing where negative.

    Of more than `MAX_COMPARED` photos a sample drawn by `seed` and the first `MAX_COMPARED` // 2 of `labelled`. Without
    a fitted `representation` one is made of all features.
    """
    fitted = representation or fit_representation(features, classifier, seed=seed)
    photos = _compared(len(features), labelled, seed)
    near = neighbours.take(photos)
    views = fitted.views(features.take(photos), near)
    weighed = [(share, block) for share, block in zip(SHARES, views.blocks, strict=True) if block.shape[1]]
    total = np.zeros((len(photos), len(photos)), np.float32)
    for share, block in weighed:
        rows = block.astype(np.float32)
        total += np.float32(share) * (rows @ rows.T)
    values = np.maximum(total / sum(share for share, _ in weighed), 0.0)
    return Likeness(photos, np.asarray(values, np.float32), len(features))


def _compared(n: int, labelled: Int32, seed: int) -> NDArray[np.intp]:
    if n <= MAX_COMPARED:
        return np.arange(n)
    kept = labelled[: MAX_COMPARED // 2].astype(np.intp)
    others = np.setdiff1d(np.arange(n), labelled)
    drawn = np.random.default_rng(seed).permutation(others)[: MAX_COMPARED - len(kept)]
    return np.sort(np.concatenate([kept, drawn]))


@dataclass(frozen=True, slots=True)
class Certainty:
    """What the model thinks of its own answers. `sureness`: (n_photos,) float32 in 0..1, the score of each photo's best
    tag; `doubt`: (n_photos,) float32, the variance of its tags, summed.
    """

    sureness: Float32
    doubt: Float32

    @classmethod
    def of(cls, best: TopTags) -> Certainty | None:
        """From the best tags of all photos; None where there are no tags."""
        if not best.scores.shape[1]:
            return None
        variance = best.scores * (1.0 - best.scores)
        return cls(best.scores.max(axis=1), np.asarray(variance.sum(axis=1), np.float32))


def suggest_photos(
    likeness: Likeness,
    labelled: Int32,
    certainty: Certainty | None,
    n_wanted: int,
    *,
    eligible: Bool | None = None,
) -> tuple[Suggestion, ...]:
    """At most `n_wanted` photos, the most worthwhile first; never one of `labelled`, empty where all are labelled.

    `labelled`: photo indices; `certainty` is None where nothing was learnt yet; `eligible`: (n_photos,) bool, which may
    be suggested, all by default. Deterministic: of photos as good as one another the one with the lower index.
    """
    photos, alike = likeness.photos, likeness.values
    known = np.isin(photos, labelled)
    open_ = ~known if eligible is None else ~known & eligible[photos]
    doubt = np.where(known, 0.0, 1.0 if certainty is None else _relative(certainty.doubt[photos], ~known))
    left = _reduced(alike, np.flatnonzero(known))
    chosen: list[int] = []
    gains: list[float] = []
    for _ in range(min(n_wanted, int(open_.sum()))):
        variance = np.maximum(np.diag(left), 0.0) + NOISE
        gain = (doubt.astype(np.float32) @ (left * left)) / variance
        best = int(np.where(open_, np.round(gain, 4), -1.0).argmax())
        left -= np.outer(left[:, best], left[best] / variance[best])
        open_[best] = False
        chosen.append(best)
        gains.append(float(gain[best]) * likeness.n_photos / len(photos))
    spoken_by = _spoken_by(alike, known, chosen)
    sureness = None if certainty is None else certainty.sureness[photos]
    suggestions = []
    for at, best in enumerate(chosen):
        own = np.flatnonzero(spoken_by == at)
        n_alike = round((len(own) - 1) * likeness.n_photos / len(photos))
        sure = None if sureness is None else float(sureness[own].mean())
        suggestions.append(Suggestion(int(photos[best]), n_alike, gains[at], sure))
    return tuple(suggestions)


def _relative(doubt: Float32, open_: Bool) -> Float32:
    """Doubt over the mean of the unlabelled photos: 1 for all where there is none at all."""
    mean = float(doubt[open_].mean()) if open_.any() else 0.0
    return np.asarray(doubt / mean, np.float32) if mean > 1e-6 else np.ones_like(doubt)


def _reduced(alike: Float32, known: NDArray[np.intp]) -> Float32:
    """What the known photos leave open: K - K_L (K_LL + noise)^-1 K_L, (m, m) float32."""
    left = alike.copy()
    if len(known):
        told = alike[known]
        among = told[:, known].astype(np.float64)
        among[np.diag_indices_from(among)] += NOISE
        left -= told.T @ np.linalg.solve(among, told.astype(np.float64)).astype(np.float32)
    return left


def _spoken_by(alike: Float32, known: Bool, chosen: list[int]) -> NDArray[np.intp]:
    """(m,) which of the chosen speaks for each photo: the nearest one, if the photo is like it; else -1.

    Nothing speaks for a labelled photo, nor for one that is nearer to a labelled one; each chosen speaks for itself.
    """
    if not chosen:
        return np.full(len(alike), -1)
    among = alike[:, chosen]
    fifth = max(len(alike) - 1 - CLOSE_PHOTOS, 0)
    near_by = np.partition(among, fifth, axis=0)[fifth]
    best, likeness = among.argmax(axis=1), among.max(axis=1)
    counts = (likeness > alike[:, known].max(axis=1, initial=0.0)) & (likeness >= LEAST_SHARE * near_by[best]) & ~known
    speaks = np.where(counts, best, -1)
    speaks[chosen] = np.arange(len(chosen))
    return speaks
