"""The head: multi-label ridge regression in closed form on the views of the labelled photos.

Solved in its dual, `A = (K + lambda I)^-1 (Y - prior)`, where K sums the Gram matrices of the three views (Saunders et
al. 1998, "Ridge regression learning algorithm in dual variables"). Leaving one photo out has a closed form, so
regularisation and the share of each view are chosen by it, and its scores train the fusion. With too few labels to
tell, the default setting stays: another is taken only where it is better by more than the error of the comparison.
What tags' names foretell (`tag_names`) is taken from the targets first, as the mean of a Gaussian process's prior is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.support.numbers import as_saved
from clustertags.tagging.representation import Views
from clustertags.types import Bool, Float64

BALANCE = 0.2
"""Scores are divided by the tag's label variance to this power."""
SELECTION_PHOTOS = 500
CLEARLY = 2.0
DEFAULT_PENALTY = 0.7
MOST_TAGS_COUNTED = 4.0
OTHER_BLOCKS = ((1.0, 0.3, 0.5), (1.0, 3.0, 1.0))
PENALTIES = (0.1, 0.2, 0.4, 0.7, 1.2, 2.0, 3.5)


@dataclass(frozen=True, slots=True)
class HeadSetting:
    """`blocks`: the share of the views own, around, outputs; `penalty`: lambda over the mean of K's diagonal."""

    blocks: tuple[float, float, float]
    penalty: float


@dataclass(frozen=True, slots=True)
class Head:
    """`weights` (n_features + n_codes + n_classes, n_tags), `intercept` (n_tags,): float64 holding float32 numbers.

    `stretch` (n_tags,): what scores are multiplied by, so that rare tags are not shrunk out of sight.
    """

    weights: Float64
    intercept: Float64
    stretch: Float64
    setting: HeadSetting

    def scores(self, views: Views) -> Float64:
        """(n, n_tags) float64, a regression on what names leave open, rare tags stretched; not yet a probability."""
        result = np.tile(self.intercept, (len(views.own), 1))
        start = 0
        for block in views.blocks:
            stop = start + block.shape[1]
            if stop > start:
                result += block @ self.weights[start:stop]
            start = stop
        return result

    def to_tensors(self) -> dict[str, NDArray[np.generic]]:
        return {f"head.{name}": getattr(self, name).astype(np.float32) for name in ("weights", "intercept", "stretch")}

    @classmethod
    def from_saved(cls, tensors: Mapping[str, NDArray[np.generic]], blocks: Sequence[float], penalty: float) -> Head:
        own, around, outputs = (float(value) for value in blocks)
        intercept = np.asarray(tensors["head.intercept"], np.float64)
        return cls(
            np.asarray(tensors["head.weights"], np.float64),
            intercept,
            np.asarray(tensors.get("head.stretch", np.ones_like(intercept)), np.float64),
            HeadSetting((own, around, outputs), float(penalty)),
        )


@dataclass(frozen=True, slots=True)
class FittedHead:
    """`left_out`: (n_labelled, n_tags) float64, the score of each labelled photo by a head that never saw it."""

    head: Head
    left_out: Float64


def fit_head(views: Views, labels: Bool, expected: Float64) -> FittedHead:
    """Fit on the views of the labelled photos and their tags, (n_labelled, n_tags) bool.

    `expected` (n_labelled, n_tags): what is foretold of the tags otherwise; the head learns what that leaves open, and
    its scores are to be added to it, times the head's `stretch`.
    """
    targets = labels.astype(np.float64)
    grams = [block @ block.T for block in views.blocks]
    setting = choose_setting(grams, targets, expected)
    gram, rest = _combined(grams, setting.blocks), targets - expected
    stretch = as_saved(_stretch(targets))
    prior = rest.mean(axis=0)
    dual = np.linalg.solve(_penalised(gram, setting.penalty), rest - prior)
    weights = np.concatenate(
        [share * (block.T @ dual) for share, block in zip(setting.blocks, views.blocks, strict=True)]
    )
    head = Head(as_saved(weights * stretch), as_saved(prior * stretch), stretch, setting)
    return FittedHead(head, leave_one_out(gram, rest, setting.penalty) * stretch)


def leave_one_out(gram: Float64, targets: Float64, penalty: float) -> Float64:
    """Scores of each photo from all others, exactly, the prior being the others' too; (n, n_tags) float64.

    With P = (K + lambda I)^-1 and the others' mean m_i: y_i - ((P Y)_i - (P 1)_i m_i) / P_ii.
    """
    n = len(targets)
    if n < 2:
        return np.repeat(targets.mean(axis=0, keepdims=True), n, axis=0)
    inverse = np.linalg.inv(_penalised(gram, penalty))
    others = (targets.sum(axis=0) - targets) / (n - 1)
    residual = (inverse @ targets - inverse.sum(axis=1)[:, None] * others) / np.diag(inverse)[:, None]
    result: Float64 = targets - residual
    return result


def default_setting(tags_per_photo: float) -> HeadSetting:
    """What holds with too few labels to tell.

    Who names several things in a photo leaves others out, so that what is not named says less: the penalty grows with
    the tags a photo has. Photos that look alike then share only some of them: the view `around` counts less.
    """
    several = min(max(tags_per_photo, 1.0), MOST_TAGS_COUNTED)
    return HeadSetting((1.0, 1.0 / several, 1.0), DEFAULT_PENALTY * several)


def choose_setting(grams: list[Float64], targets: Float64, expected: Float64) -> HeadSetting:
    """The setting whose left-out rankings are best, if clearly better than the default's; the default otherwise.

    `targets` and `expected` are as in `fit_head`. The measure is the reciprocal rank of a photo's tags that
    some other photo carries too: a tag that only one photo carries cannot be left out. "Clearly": by more than two
    standard errors of the paired differences.
    """
    default = default_setting(float(targets.sum(axis=1).mean()))
    testable = (targets > 0) & (targets.sum(axis=0) >= 2)
    rows = np.flatnonzero(testable.any(axis=1))
    if len(rows) < 5:
        return default
    part = np.arange(len(targets))[:SELECTION_PHOTOS]
    kept, testable, foretold = targets[part], testable[part], expected[part]
    stretch = _stretch(targets)
    candidates = [HeadSetting(default.blocks, penalty) for penalty in PENALTIES]
    candidates += [HeadSetting(blocks, penalty) for blocks in OTHER_BLOCKS for penalty in (0.2, 0.7, 2.0)]
    smaller = [gram[np.ix_(part, part)] for gram in grams]

    def quality(setting: HeadSetting) -> Float64:
        left_out = leave_one_out(_combined(smaller, setting.blocks), kept - foretold, setting.penalty)
        return ranking_quality((left_out + foretold) * stretch, kept, testable)

    base = quality(default)
    best, best_gain = default, 0.0
    for candidate in candidates:
        difference = quality(candidate) - base
        gain = float(difference.mean() - CLEARLY * difference.std() / np.sqrt(max(len(difference), 1)))
        if gain > best_gain:
            best, best_gain = candidate, gain
    return best


def ranking_quality(scores: Float64, targets: Float64, testable: NDArray[np.bool_]) -> Float64:
    """Mean reciprocal rank of the testable tags among those a photo does not carry, one number a photo that has any."""
    rows = np.flatnonzero(testable.any(axis=1))
    result = np.empty(len(rows))
    for at, row in enumerate(rows):
        wrong = np.sort(scores[row][targets[row] == 0])
        above = len(wrong) - np.searchsorted(wrong, scores[row][testable[row]], side="left")
        result[at] = (1.0 / (1.0 + above)).mean()
    return result


def _combined(grams: list[Float64], blocks: tuple[float, ...]) -> Float64:
    total = np.zeros_like(grams[0])
    for share, gram in zip(blocks, grams, strict=True):
        total += share * gram
    return total


def _penalised(gram: Float64, penalty: float) -> Float64:
    level = max(float(np.trace(gram)) / max(len(gram), 1), 1e-9)
    result = gram.copy()
    result[np.diag_indices_from(result)] += penalty * level
    return result


def _stretch(targets: Float64) -> Float64:
    share = targets.mean(axis=0)
    floor = 0.25 / max(len(targets), 1)
    stretch: Float64 = np.maximum(share * (1 - share), floor) ** -BALANCE
    return stretch
