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
)


def made_parts(signal: list[float], n: int = 150, n_tags: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores of each part: `signal` times the truth, and noise; those of names say nothing."""
    random = np.random.default_rng(seed)
    targets = np.eye(n_tags)[random.integers(0, n_tags, n)]
    parts = [strength * targets + random.standard_normal(targets.shape) for strength in signal]
    return np.stack([*parts, np.zeros(targets.shape)]), targets


@pytest.mark.parametrize("best", range(len(WEIGHTED_COMPONENTS)))
def test_the_part_that_is_right_has_the_most_weight(best: int) -> None:
    signal = [0.0] * len(WEIGHTED_COMPONENTS)
    signal[best] = 4.0
    parts, targets = made_parts(signal)
    fusion = fit_fusion(parts, parts, targets, default_weights(10.0))
    assert fusion.weight[:-1].argmax() == best
    assert (fusion.weight >= 0).all()


def test_together_they_are_better_than_the_best_alone() -> None:
    parts, targets = made_parts([1.5, 1.5, 1.5, 1.5], n=400)
    fusion = fit_fusion(parts[:, :200], parts[:, :200], targets[:200], default_weights(10.0))
    fused = fusion.contributions(parts[:, 200:]).sum(axis=0)
    right = fused.argmax(axis=1) == targets[200:].argmax(axis=1)
    alone = (parts[:-1, 200:].argmax(axis=2) == targets[200:].argmax(axis=1)).mean(axis=1)
    assert right.mean() > alone.max() + 0.1


def test_the_default_stands_where_no_tag_can_be_tested() -> None:
    parts, targets = made_parts([1.0] * len(WEIGHTED_COMPONENTS), n=8)
    fusion = fit_fusion(parts, parts, np.where(targets == 1, np.nan, 0.0), default_weights(1.0))
    assert fusion.weight[:-1] == pytest.approx(default_weights(1.0) * DEFAULT_TEMPERATURE)


def test_few_labels_move_the_weights_little() -> None:
    parts, targets = made_parts([0.0, 2.0, 0.0, 2.0], n=4)
    few = fit_fusion(parts, parts, targets, default_weights(2.0)).weight[:-1]
    assert few / few.sum() == pytest.approx(default_weights(2.0), abs=0.25)


def test_clusters_and_graph_count_more_the_more_photos_are_unlabelled() -> None:
    few, many, most = default_weights(2.0), default_weights(40.0), default_weights(1e6)
    graph, head = WEIGHTED_COMPONENTS.index("graph"), WEIGHTED_COMPONENTS.index("head")
    assert few.sum() == pytest.approx(1.0)
    assert few[graph] < many[graph] < most[graph]
    assert most[head] > 0.2, "however few photos are labelled, the head counts"
    assert default_weights(40.0, tags_per_photo=3.0)[graph] < many[graph]


def test_no_scores_differ() -> None:
    flat = np.ones((len(COMPONENTS), 5, 3))
    fusion = fit_fusion(flat, flat, np.eye(3)[[0, 1, 2, 0, 1]], default_weights(1.0))
    assert np.isfinite(fusion.contributions(flat)).all()


def test_rows_need_a_positive_and_a_negative_tag() -> None:
    targets = np.array([[1, 0], [1, 1], [0, 0], [np.nan, 0], [1, np.nan]])
    assert rankable_rows(targets).tolist() == [0]


@pytest.mark.parametrize("photos_per_labelled", [1.0, 1000.0])
def test_what_names_say_stays_whole_however_the_weight_is_shared(photos_per_labelled: float) -> None:
    parts, targets = made_parts([0.0] * len(WEIGHTED_COMPONENTS), n=400)
    parts[COMPONENTS.index("name")] = 3.0 * targets
    default = default_weights(photos_per_labelled)
    fusion = fit_fusion(parts[:, :200], parts[:, :200], targets[:200], default)
    fused = fusion.contributions(parts[:, 200:]).sum(axis=0)
    assert (fused.argmax(axis=1) == targets[200:].argmax(axis=1)).mean() > 0.85
