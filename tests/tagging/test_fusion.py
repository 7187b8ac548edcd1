"""Fusion: it finds the component that is right, and keeps the default where nothing can be tested."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.tagging.fusion import (
    COMPONENTS,
    DEFAULT_TEMPERATURE,
    WEIGHTED_COMPONENTS,
    Fusion,
    _loss,
    default_weights,
    fit_fusion,
    rankable_rows,
    weighted_components,
    with_name_prior,
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


@pytest.mark.parametrize(
    ("photos_per_labelled", "tags_per_photo", "graph"),
    [(35.0, 1.0, 1.0), (8.75, 1.0, 0.125), (0.0, 1.0, 0.0), (1e6, 1.0, 2.5), (35.0, 4.0, 0.5), (35.0, 0.2, 1.0)],
)
def test_default_weights(photos_per_labelled: float, tags_per_photo: float, graph: float) -> None:
    expected = np.array([0.08 * graph, 1.0, 0.08 * graph, graph])
    assert default_weights(photos_per_labelled, tags_per_photo) == pytest.approx(expected / expected.sum())


def test_scores_are_standardised_and_weighted_by_component() -> None:
    scores = np.arange(5 * 2 * 3, dtype=float).reshape(5, 2, 3)
    fusion = Fusion(np.arange(5.0), np.arange(5.0) * 2 + 1, np.array([1.0, 0.5, 2.0, 3.0, 0.1]))
    terms = fusion.contributions(scores)
    for at in range(5):
        assert terms[at] == pytest.approx((scores[at] - at) / (2 * at + 1) * fusion.weight[at])
    assert fusion.total_weight == pytest.approx(6.5), "without the name's"


def test_the_name_has_the_scale_of_the_head_and_all_weights_or_the_heads() -> None:
    scores = np.random.default_rng(0).standard_normal((5, 2, 3))
    merged = weighted_components(scores)
    head, name = COMPONENTS.index("head"), COMPONENTS.index("name")
    assert merged[head] == pytest.approx(scores[head] + scores[name])
    assert np.delete(merged, head, axis=0) == pytest.approx(np.delete(scores[:-1], head, axis=0))
    fusion = Fusion(np.full(4, 7.0), np.array([2.0, 3.0, 4.0, 5.0]), np.array([0.1, 0.2, 0.3, 0.4]))
    whole, in_head = with_name_prior(fusion), with_name_prior(fusion, whole=False)
    assert (whole.centre[-1], whole.scale[-1]) == (0.0, 3.0)
    assert whole.weight.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 1.0])
    assert in_head.weight.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.2])


def test_the_loss_is_the_mean_over_a_photos_tags_and_its_gradient_that_of_it() -> None:
    rng = np.random.default_rng(0)
    scaled, weights = rng.standard_normal((3, 4, 5)), np.array([0.5, 1.5, 0.7])
    targets = np.array([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, np.nan, 0, 0], [0, 0, 0, 1, 1]], float)
    fused = np.tensordot(weights, scaled, axes=1)
    expected = 0.0
    for row, wanted in zip(fused, targets, strict=True):
        background = np.exp(row[wanted == 0]).sum()
        expected += np.mean([-np.log(np.exp(score) / (np.exp(score) + background)) for score in row[wanted == 1]])
    loss, gradient = _loss(weights, scaled, targets)
    assert loss == pytest.approx(expected)
    steps = 1e-6 * np.eye(3)
    slopes = [
        (_loss(weights + step, scaled, targets)[0] - _loss(weights - step, scaled, targets)[0]) / 2e-6 for step in steps
    ]
    assert gradient == pytest.approx(slopes, rel=1e-5)


def test_the_weights_are_the_best_under_their_prior() -> None:
    # The documented objective, searched in another way: a grid for the scale of the default, then random steps.
    parts, targets = made_parts([0.3, 1.5, -2.0, 1.0], n=40)
    default = default_weights(35.0)
    weighted = weighted_components(parts)
    scaled = (weighted - weighted.mean(axis=(1, 2), keepdims=True)) / weighted.std(axis=(1, 2), keepdims=True)
    grid = np.linspace(np.log(0.05), np.log(20.0), 2001)
    at_scale = [_loss(default * np.exp(s), scaled, targets)[0] + 0.5 * (s - np.log(0.95)) ** 2 for s in grid]
    start = default * np.exp(grid[np.argmin(at_scale)])
    deviation = 0.1 * max(start.sum(), 1.0)

    def objective(weights: np.ndarray) -> float:
        return _loss(weights, scaled, targets)[0] + 0.5 * float((((weights - start) / deviation) ** 2).sum())

    found = fit_fusion(parts, parts, targets, default).weight[:-1]
    rng = np.random.default_rng(0)
    for size in (0.2, 0.05, 0.01):
        for step in rng.normal(0, size, (200, 4)):
            assert objective(found) <= objective(np.maximum(found + step, 0.25 * start)) + 0.01, (
                "but for the steps of the grid"
            )
    assert found[2] == pytest.approx(0.25 * start[2], rel=0.01), "what misleads keeps a quarter of its weight"


def test_the_unit_of_scores_makes_no_difference() -> None:
    parts, targets = made_parts([0.5, 2.0, 0.0, 1.0], n=100)
    small = parts * np.array([1e-3, 1.0, 1e-2, 5.0, 1.0])[:, None, None]
    one, other = (fit_fusion(scores, scores, targets, default_weights(35.0)) for scores in (parts, small))
    assert other.weight == pytest.approx(one.weight, rel=1e-3)
    assert other.contributions(small) == pytest.approx(one.contributions(parts), rel=1e-2, abs=1e-3)


def test_names_that_contradict_the_labels_are_left_to_the_head() -> None:
    parts, targets = made_parts([0.0, 3.0, 0.0, 3.0], n=300)
    name = COMPONENTS.index("name")
    parts[name] = -2.0 * targets
    against = fit_fusion(parts, parts, targets, default_weights(35.0)).weight
    parts[name] = 2.0 * targets
    agreeing = fit_fusion(parts, parts, targets, default_weights(35.0)).weight
    assert agreeing[name] == pytest.approx(agreeing[:-1].sum())
    assert against[name] == pytest.approx(against[COMPONENTS.index("head")])


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
