"""The head: multi-label ridge regression in closed form on the feature blocks of the labelled photos.

Solved in its dual, `A = (K + lambda I)^-1 (Y - prior)`, where K is the weighted sum of the blocks' Gram matrices
(Saunders et al. 1998, "Ridge regression learning algorithm in dual variables"). Leave-one-out scores have a closed
form; they select the penalty and the block weights, and the fusion is fitted on them. Another setting replaces the
default only where it is better by more than the error of the comparison, which few labels never show. The name prior
(`names.name_prior`) is subtracted from the targets first, as a Gaussian process subtracts its prior mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.support.numbers import as_saved
from clustertags.tagging.representation import FeatureBlocks
from clustertags.types import Bool, Float64

RESCALE_POWER = 0.2
"""Scores are divided by the tag's label variance to this power."""
SELECTION_PHOTOS = 500
MIN_STANDARD_ERRORS = 2.0
DEFAULT_PENALTY = 0.7
MAX_TAGS_PER_PHOTO = 4.0
OTHER_BLOCK_WEIGHTS = ((1.0, 0.3, 0.5), (1.0, 3.0, 1.0))
PENALTIES = (0.1, 0.2, 0.4, 0.7, 1.2, 2.0, 3.5)


@dataclass(frozen=True, slots=True)
class HeadSetting:
    """`block_weights`: of the blocks own, around and outputs; `penalty`: lambda over the mean of K's diagonal."""

    block_weights: tuple[float, float, float]
    penalty: float


@dataclass(frozen=True, slots=True)
class Head:
    """`weights` (n_features + n_codes + n_classes, n_tags), `intercept` (n_tags,): float64 holding float32 numbers.

    `scale` (n_tags,): the factor that weights and intercept include, which offsets the shrinkage of rare tags.
    """

    weights: Float64
    intercept: Float64
    scale: Float64
    setting: HeadSetting

    def scores(self, blocks: FeatureBlocks) -> Float64:
        """(n, n_tags) float64: the regression on the residual of the name prior, rescaled; not probabilities."""
        result = np.tile(self.intercept, (len(blocks.own), 1))
        start = 0
        for block in blocks.all:
            stop = start + block.shape[1]
            if stop > start:
                result += block @ self.weights[start:stop]
            start = stop
        return result

    def to_tensors(self) -> dict[str, NDArray[np.generic]]:
        tensors = {"weights": self.weights, "intercept": self.intercept, "stretch": self.scale}
        return {f"head.{name}": values.astype(np.float32) for name, values in tensors.items()}

    @classmethod
    def from_saved(
        cls, tensors: Mapping[str, NDArray[np.generic]], block_weights: Sequence[float], penalty: float
    ) -> Head:
        own, around, outputs = (float(value) for value in block_weights)
        intercept = np.asarray(tensors["head.intercept"], np.float64)
        return cls(
            np.asarray(tensors["head.weights"], np.float64),
            intercept,
            np.asarray(tensors.get("head.stretch", np.ones_like(intercept)), np.float64),
            HeadSetting((own, around, outputs), float(penalty)),
        )


@dataclass(frozen=True, slots=True)
class FittedHead:
    """`loo_scores`: (n_labelled, n_tags) float64, the leave-one-out scores of the labelled photos."""

    head: Head
    loo_scores: Float64


def fit_head(blocks: FeatureBlocks, labels: Bool | Float64, expected: Float64) -> FittedHead:
    """Fit on the feature blocks of the labelled photos and their tags, (n_labelled, n_tags): bool, or their
    probabilities, below 1 where they are not known (`partial_labels`).

    `expected` (n_labelled, n_tags): the prior mean of the labels. The head is fitted to the residual: a photo's score
    is `Head.scores` plus its expectation times `Head.scale`.
    """
    targets = labels.astype(np.float64)
    grams = [block @ block.T for block in blocks.all]
    setting = choose_setting(grams, targets, expected)
    gram, residual = combined_gram(grams, setting.block_weights), targets - expected
    scale = as_saved(_tag_scales(targets))
    prior = residual.mean(axis=0)
    dual = np.linalg.solve(_penalised(gram, setting.penalty), residual - prior)
    weights = np.concatenate(
        [weight * (block.T @ dual) for weight, block in zip(setting.block_weights, blocks.all, strict=True)]
    )
    head = Head(as_saved(weights * scale), as_saved(prior * scale), scale, setting)
    return FittedHead(head, leave_one_out(gram, residual, setting.penalty) * scale)


def leave_one_out(gram: Float64, targets: Float64, penalty: float) -> Float64:
    """Exact leave-one-out scores, (n, n_tags) float64; the prior is the mean of the other photos.

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
    """The setting where there are too few labels to select one.

    Where photos have several tags, some that apply are missing, so that a missing tag is weaker evidence: the penalty
    grows with the tags per photo. Photos that look alike then share only some tags: `around` is weighted less.
    """
    several = min(max(tags_per_photo, 1.0), MAX_TAGS_PER_PHOTO)
    return HeadSetting((1.0, 1.0 / several, 1.0), DEFAULT_PENALTY * several)


def choose_setting(grams: list[Float64], targets: Float64, expected: Float64) -> HeadSetting:
    """The setting with the best leave-one-out ranking if it is significantly better than the default, else the default.

    `targets` and `expected` are as in `fit_head`. The measure is the reciprocal rank of a photo's tags, without those
    that no other photo carries. Significantly: by more than two standard errors of the paired differences.
    """
    default = default_setting(float(targets.sum(axis=1).mean()))
    carried = targets == 1
    testable = carried & (carried.sum(axis=0) >= 2)
    rows = np.flatnonzero(testable.any(axis=1))
    if len(rows) < 5:
        return default
    part = np.arange(len(targets))[:SELECTION_PHOTOS]
    kept, testable, kept_expected = targets[part], testable[part], expected[part]
    scale = _tag_scales(targets)
    candidates = [HeadSetting(default.block_weights, penalty) for penalty in PENALTIES]
    candidates += [HeadSetting(weights, penalty) for weights in OTHER_BLOCK_WEIGHTS for penalty in (0.2, 0.7, 2.0)]
    smaller = [gram[np.ix_(part, part)] for gram in grams]

    def quality(setting: HeadSetting) -> Float64:
        gram = combined_gram(smaller, setting.block_weights)
        scores = leave_one_out(gram, kept - kept_expected, setting.penalty) + kept_expected
        return ranking_quality(scores * scale, carried[part].astype(np.float64), testable)

    base = quality(default)
    best, best_gain = default, 0.0
    for candidate in candidates:
        difference = quality(candidate) - base
        gain = float(difference.mean() - MIN_STANDARD_ERRORS * difference.std() / np.sqrt(max(len(difference), 1)))
        if gain > best_gain:
            best, best_gain = candidate, gain
    return best


def ranking_quality(scores: Float64, targets: Float64, testable: NDArray[np.bool_]) -> Float64:
    """Mean reciprocal rank of a photo's testable tags among those it does not carry: (n_rows_with_testable_tags,)."""
    rows = np.flatnonzero(testable.any(axis=1))
    result = np.empty(len(rows))
    for at, row in enumerate(rows):
        negatives = np.sort(scores[row][targets[row] == 0])
        above = len(negatives) - np.searchsorted(negatives, scores[row][testable[row]], side="left")
        result[at] = (1.0 / (1.0 + above)).mean()
    return result


def combined_gram(grams: list[Float64], weights: tuple[float, ...]) -> Float64:
    """The weighted sum of the blocks' Gram matrices."""
    total = np.zeros_like(grams[0])
    for weight, gram in zip(weights, grams, strict=True):
        total += weight * gram
    return total


def _penalised(gram: Float64, penalty: float) -> Float64:
    level = max(float(np.trace(gram)) / max(len(gram), 1), 1e-9)
    result = gram.copy()
    result[np.diag_indices_from(result)] += penalty * level
    return result


def _tag_scales(targets: Float64) -> Float64:
    share = targets.mean(axis=0)
    floor = 0.25 / max(len(targets), 1)
    scales: Float64 = np.maximum(share * (1 - share), floor) ** -RESCALE_POWER
    return scales
