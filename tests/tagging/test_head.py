"""The head: its closed forms against plain retraining, and a choice of settings that does not follow noise."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.tagging.head import (
    choose_setting,
    default_setting,
    fit_head,
    leave_one_out,
)
from clustertags.tagging.representation import FeatureBlocks, unit_rows


def made_blocks(labels: np.ndarray, noise: float, seed: int = 0) -> FeatureBlocks:
    """Three blocks of photos whose tags show in the first; the other two are of random directions."""
    random = np.random.default_rng(seed)
    directions = random.standard_normal((labels.shape[1], 40))
    own = unit_rows(labels @ directions + noise * random.standard_normal((len(labels), 40)))
    other = unit_rows(random.standard_normal((len(labels), 12)))
    return FeatureBlocks(own, own[:, :12], other, other, np.zeros((len(labels), 0)))


def rows_of(blocks: FeatureBlocks, rows: slice) -> FeatureBlocks:
    return FeatureBlocks(
        *(
            block[rows]
            for block in (blocks.own, blocks.codes, blocks.around, blocks.outputs, blocks.class_probabilities)
        )
    )


def nothing(labels: np.ndarray) -> np.ndarray:
    """The expectation of tags without a name prior."""
    return np.zeros(labels.shape)


def one_tag_each(n: int, n_tags: int) -> np.ndarray:
    return np.eye(n_tags, dtype=bool)[np.arange(n) % n_tags]


def test_leaving_one_out_in_closed_form_equals_training_without_it() -> None:
    random = np.random.default_rng(1)
    points, targets = random.standard_normal((12, 5)), (random.random((12, 3)) < 0.4).astype(float)
    gram = points @ points.T
    level = 0.5 * np.trace(gram) / 12
    closed = leave_one_out(gram, targets, 0.5)
    for row in range(12):
        others = np.arange(12) != row
        prior = targets[others].mean(axis=0)
        dual = np.linalg.solve(gram[np.ix_(others, others)] + level * np.eye(11), targets[others] - prior)
        assert closed[row] == pytest.approx(gram[row, others] @ dual + prior)


def test_the_head_ranks_photos_it_never_saw() -> None:
    labels = one_tag_each(240, 6)
    blocks = made_blocks(labels, noise=1.5)
    head = fit_head(rows_of(blocks, slice(60)), labels[:60], nothing(labels[:60])).head
    right = head.scores(rows_of(blocks, slice(60, None))).argmax(axis=1) == labels[60:].argmax(axis=1)
    assert right.mean() > 0.8


def test_leave_one_out_scores_predict_the_quality_on_new_photos() -> None:
    labels = one_tag_each(400, 5)
    blocks = made_blocks(labels, noise=6.0)
    fitted = fit_head(rows_of(blocks, slice(100)), labels[:100], nothing(labels[:100]))
    new = fitted.head.scores(rows_of(blocks, slice(100, None)))
    expected = (fitted.loo_scores.argmax(axis=1) == labels[:100].argmax(axis=1)).mean()
    found = (new.argmax(axis=1) == labels[100:].argmax(axis=1)).mean()
    assert abs(expected - found) < 0.12


def test_the_default_setting_stays_with_too_few_labels() -> None:
    labels = one_tag_each(6, 6)
    blocks = made_blocks(labels, noise=1.0)
    grams = [block @ block.T for block in blocks.all]
    assert choose_setting(grams, labels.astype(float), nothing(labels)) == default_setting(1.0)


def test_photos_with_several_tags_are_weighted_less() -> None:
    """One tag a photo weighs the blocks equally; more tags raise the penalty, and lower the weight of `around`."""
    one, several = default_setting(1.0), default_setting(3.0)
    assert one == default_setting(0.5)
    assert len(set(one.block_weights)) == 1
    assert several.penalty == pytest.approx(3 * one.penalty)
    assert several.block_weights[0] == several.block_weights[2] > several.block_weights[1]
    assert default_setting(50.0) == default_setting(10.0)


def test_the_default_goes_by_the_tags_of_the_labelled_photos() -> None:
    labels = np.ones((6, 3), bool)
    labels[:, 2] = [True, False] * 3
    blocks = made_blocks(labels.astype(float), noise=1.0)
    assert fit_head(blocks, labels, nothing(labels)).head.setting == default_setting(2.5)


def test_a_rare_tag_is_not_shrunk_out_of_sight() -> None:
    labels = np.zeros((60, 2), bool)
    labels[:55, 0] = True
    labels[55:, 1] = True
    blocks = made_blocks(labels.astype(float), noise=1.0)
    scores = fit_head(blocks, labels, nothing(labels)).loo_scores
    assert (scores[55:, 1] > scores[55:, 0]).mean() >= 0.8


def test_the_head_learns_the_residual() -> None:
    """A perfect expectation leaves no residual; a wrong one is corrected."""
    labels = one_tag_each(60, 3)
    blocks = made_blocks(labels, noise=1.0)
    told = fit_head(blocks, labels, labels.astype(float))
    assert np.abs(told.head.scores(blocks)).max() < 1e-9
    wrong = np.roll(labels, 1, axis=1) * 0.2
    scores = fit_head(blocks, labels, wrong).head.scores(blocks) + wrong * told.head.scale
    assert (scores.argmax(axis=1) == labels.argmax(axis=1)).mean() > 0.95
