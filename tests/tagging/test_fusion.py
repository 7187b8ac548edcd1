"""Fusion: it finds the component that is right, and keeps the default where nothing can be tested."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.tagging.fusion import (
    COMPONENTS,
    DEFAULT_TEMPERATURE,
    WEIGHTED_COMPONENTS,
    default_weights,
    fit_fusion,
    rankable_rows,
    weighted_components,
)


def made_parts(signal: list[float], n: int = 150, n_tags: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores of each part: `signal` times the truth, and noise."""
    random = np.random.default_rng(seed)
    targets = np.eye(n_tags)[random.integers(0, n_tags, n)]
    parts = np.stack([strength * targets + random.standard_normal(targets.shape) for strength in signal])
    return parts, targets


@pytest.mark.parametrize("best", range(len(WEIGHTED_COMPONENTS)))
def test_the_part_that_is_right_has_the_most_weight(best: int) -> None:
    signal = [0.0] * len(WEIGHTED_COMPONENTS)
    signal[best] = 4.0
    parts, targets = made_parts(signal)
    fusion = fit_fusion(parts, parts, targets, default_weights(10.0))
    assert fusion.weight.argmax() == best
    assert (fusion.weight >= 0).all()


def test_together_they_are_better_than_the_best_alone() -> None:
    parts, targets = made_parts([1.5, 1.5, 1.5, 1.5], n=400)
    fusion = fit_fusion(parts[:, :200], parts[:, :200], targets[:200], default_weights(10.0))
    fused = fusion.contributions(parts[:, 200:]).sum(axis=0)
    right = fused.argmax(axis=1) == targets[200:].argmax(axis=1)
    alone = (parts[:, 200:].argmax(axis=2) == targets[200:].argmax(axis=1)).mean(axis=1)
    assert right.mean() > alone.max() + 0.1


def test_the_default_stands_where_no_tag_can_be_tested() -> None:
    parts, targets = made_parts([1.0] * len(WEIGHTED_COMPONENTS), n=8)
    fusion = fit_fusion(parts, parts, np.where(targets == 1, np.nan, 0.0), default_weights(1.0))
    assert fusion.weight == pytest.approx(default_weights(1.0) * DEFAULT_TEMPERATURE)


def test_few_labels_move_the_weights_little() -> None:
    parts, targets = made_parts([0.0, 2.0, 0.0, 2.0], n=4)
    few = fit_fusion(parts, parts, targets, default_weights(2.0)).weight
    assert few / few.sum() == pytest.approx(default_weights(2.0), abs=0.25)


def test_clusters_and_graph_count_less_the_more_labels_there_are() -> None:
    one, ten = default_weights(1.0), default_weights(10.0)
    assert one.sum() == pytest.approx(1.0)
    assert one[WEIGHTED_COMPONENTS.index("head")] < ten[WEIGHTED_COMPONENTS.index("head")]


def test_no_scores_differ() -> None:
    flat = np.ones((len(WEIGHTED_COMPONENTS), 5, 3))
    fusion = fit_fusion(flat, flat, np.eye(3)[[0, 1, 2, 0, 1]], default_weights(1.0))
    assert np.isfinite(fusion.contributions(flat)).all()


def test_rows_need_a_positive_and_a_negative_tag() -> None:
    targets = np.array([[1, 0], [1, 1], [0, 0], [np.nan, 0], [1, np.nan]])
    assert rankable_rows(targets).tolist() == [0]


def test_contributions_of_all_components_add_up_to_those_of_the_weighted_ones() -> None:
    parts = np.random.default_rng(0).standard_normal((len(COMPONENTS), 40, 6))
    targets = np.eye(6)[np.arange(40) % 6]
    fusion = fit_fusion(weighted_components(parts), weighted_components(parts), targets, default_weights(5.0))
    np.testing.assert_allclose(
        fusion.expand_to_components().contributions(parts).sum(axis=0),
        fusion.contributions(weighted_components(parts)).sum(axis=0),
    )
