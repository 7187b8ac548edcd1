"""Metrics worked by hand, and compared with scikit-learn where it has them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    coverage_error,
    label_ranking_average_precision_score,
    ndcg_score,
    top_k_accuracy_score,
)

from clustertags.evaluation.calibration import reliability, squared_errors
from clustertags.evaluation.intervals import Bootstrap, wilson
from clustertags.evaluation.metrics import MetricSettings, evaluate
from clustertags.evaluation.predictions import Predictions
from clustertags.evaluation.ranking_metrics import drawn_average_precision, list_diversity, rank
from clustertags.evaluation.results import Evaluation

QUICK = MetricSettings(n_draws=100)


def predicted(truth: object, scores: object, **changes: object) -> Predictions:
    right = np.array(truth, bool)
    n, n_tags = right.shape
    values: dict[str, object] = {
        "protocol": "given truth",
        "vocabulary": tuple(f"tag{at:03d}" for at in range(n_tags)),
        "truth": right,
        "scores": np.array(scores, np.float32),
        "abstained": np.zeros(n, bool),
        "folds": np.zeros(n, np.int32),
        "precisions": (0.5,),
        "thresholds": np.full((1, 1, n_tags), 0.5, np.float32),
    }
    return Predictions(**{**values, **changes})  # type: ignore[arg-type]


def value(evaluation: Evaluation, name: str) -> float:
    found = evaluation.overall[name].value
    assert found is not None
    return found


def several(n: int = 80, n_tags: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Truth with one to four tags a photo, and informative scores with many ties."""
    random = np.random.default_rng(seed)
    truth = random.random((n, n_tags)) < 0.15
    truth[np.arange(n), random.integers(0, n_tags, n)] = True
    scores = np.round(np.clip(0.3 * truth + random.random((n, n_tags)) * 0.7, 0, 1), 1)
    return truth, scores.astype(np.float32)


def test_a_case_by_hand() -> None:
    """Rankings a b c, b c a, c a b; right: {a, c}, {c}, {a}."""
    truth = [[1, 0, 1], [0, 0, 1], [1, 0, 0]]
    scores = [[0.9, 0.6, 0.2], [0.1, 0.8, 0.4], [0.4, 0.2, 0.7]]
    made = evaluate(predicted(truth, scores), replace(QUICK, min_score=0.3))
    assert value(made, "P@1") == pytest.approx(1 / 3)
    assert value(made, "R@1") == pytest.approx(0.5 / 3)
    assert value(made, "P@5") == pytest.approx((2 + 1 + 1) / 9), "three tags are all there are to recommend"
    assert value(made, "A@5") == 1
    assert value(made, "MiAP") == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2 + 1 / 2) / 3)
    assert value(made, "coverage error") == pytest.approx((3 + 2 + 2) / 3)
    assert value(made, "MAP") == pytest.approx(((1 + 1) / 2 + (1 / 2 + 2 / 3) / 2) / 2), "tag b is on no photo"
    # predicted from 0.3 on: a b | b c | c a, correct of these: a, c, a
    assert value(made, "precision of given tags") == pytest.approx(3 / 6)
    assert value(made, "true tags found") == pytest.approx(3 / 4)
    a, b, c = made.tags
    assert (a.tp, a.fp, a.fn, a.tn) == (2, 0, 0, 1)
    assert (b.tp, b.fp, b.fn, b.tn) == (0, 2, 0, 1)
    assert (c.tp, c.fp, c.fn, c.tn) == (1, 1, 1, 0)
    assert b.average_precision is None
    by_default = evaluate(predicted(truth, scores), QUICK)  # from 0.5 on, as everywhere: a b | b | c
    assert value(by_default, "precision of given tags") == pytest.approx(1 / 4)
    (target,) = made.at_precision  # from 0.5 on: a b | b | c
    assert target.precision.value == pytest.approx(1 / 4)
    assert target.photos_covered.value == 1
    assert made.confusion is None
    assert "top-1 accuracy" not in made.overall


@pytest.mark.parametrize("seed", range(3))
def test_rankings_agree_with_scikit_learn_also_where_scores_are_equal(seed: int) -> None:
    truth, scores = several(seed=seed)
    ranking = rank(truth, scores)
    assert ranking.average_precision().mean() == pytest.approx(label_ranking_average_precision_score(truth, scores))
    assert ranking.ndcg().mean() == pytest.approx(ndcg_score(truth, scores))
    assert ranking.depth().mean() == pytest.approx(coverage_error(truth, scores))
    assert squared_errors(truth, scores).mean() == pytest.approx(brier_score_loss(truth.ravel(), scores.ravel()))


def test_top_k_accuracy_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(4)
    tags = random.integers(0, 20, 100)
    scores = random.random((100, 20)).astype(np.float32)
    scores[np.arange(100), tags] += 0.4
    made = evaluate(predicted(np.eye(20, dtype=bool)[tags], scores / 2), QUICK)
    for k in (1, 5, 10):
        assert value(made, f"top-{k} accuracy") == pytest.approx(top_k_accuracy_score(tags, scores, k=k))
    assert made.confusion is not None
    assert np.trace(made.confusion) / 100 == pytest.approx(value(made, "P@1"))
    assert sum(n for _, _, n in made.confused()) == 100 - np.trace(made.confusion)


def test_the_drawn_mean_average_precision_is_that_of_weighted_photos() -> None:
    truth, scores = several(n=30, n_tags=5)
    bootstrap = Bootstrap(30, random_state=2, n_draws=6)
    drawn = drawn_average_precision(truth, scores, bootstrap)
    for counts, found in zip(bootstrap.counts, drawn, strict=True):
        used = (counts[:, None] * truth).any(axis=0)
        expected = average_precision_score(truth[:, used], scores[:, used], average="macro", sample_weight=counts)
        assert found == pytest.approx(expected)


def test_a_perfect_and_a_random_ranking() -> None:
    truth, _ = several(n=600, n_tags=10)
    perfect = evaluate(predicted(truth, truth * 1.0), QUICK)
    for name in ("P@1", "MiAP", "MAP", "NDCG", "precision of given tags", "true tags found"):
        assert value(perfect, name) == pytest.approx(1), name
    assert value(perfect, "ECE") == 0
    assert value(perfect, "coverage error") == pytest.approx(truth.sum(axis=1).mean())
    uninformed = evaluate(predicted(truth, np.random.default_rng(1).random(truth.shape)), QUICK)
    assert value(uninformed, "P@1") == pytest.approx(truth.mean(), abs=0.06)
    assert value(uninformed, "MAP") == pytest.approx(truth.mean(), abs=0.06)


def test_equal_scores_are_ranked_by_the_tags_order_every_time() -> None:
    truth = np.tile(np.eye(4, dtype=bool), (5, 1))
    made = evaluate(predicted(truth, np.full(truth.shape, 0.5)), QUICK)
    assert value(made, "P@1") == 0.25, "the first tag wins every tie"
    assert value(made, "MiAP") == 0.25, "no order among equals is credited"
    assert made.to_json() == evaluate(predicted(truth, np.full(truth.shape, 0.5)), QUICK).to_json()


def test_calibrated_scores_have_a_small_error_and_overconfident_ones_a_large_one() -> None:
    random = np.random.default_rng(3)
    scores = random.random((4000, 3)).astype(np.float32)
    right = random.random(scores.shape) < scores
    bootstrap = Bootstrap(4000, n_draws=100)
    calibrated = reliability(right, scores, bootstrap).error
    assert calibrated.value is not None
    assert calibrated.value < 0.02
    overconfident = reliability(right, np.sqrt(scores), bootstrap).error
    assert overconfident.value == pytest.approx(1 / 6, abs=0.02), "the mean of sqrt(x) - x over 0..1"
    assert overconfident.low is not None
    assert overconfident.high is not None
    assert overconfident.low < overconfident.value < overconfident.high


def test_bins_are_those_of_the_calibration_curve() -> None:
    truth, scores = several()
    item = reliability(truth, scores, Bootstrap(len(truth), n_draws=10))
    share_correct, mean_score = calibration_curve(truth.ravel(), scores.ravel(), n_bins=15)
    assert [entry.share_correct for entry in item.bins] == pytest.approx(share_correct.tolist())
    assert [entry.mean_score for entry in item.bins] == pytest.approx(mean_score.tolist())
    assert sum(entry.n for entry in item.bins) == truth.size
    weighted = sum(entry.n * abs(entry.share_correct - entry.mean_score) for entry in item.bins) / truth.size
    assert item.error.value == pytest.approx(weighted)


def test_the_interval_of_a_share_is_as_wide_as_it_should_be() -> None:
    right = (np.arange(400) < 300).astype(float)
    figure = Bootstrap(400).mean(right)
    half = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert figure.value == 0.75
    assert figure.low == pytest.approx(0.75 - half, abs=0.01)
    assert figure.high == pytest.approx(0.75 + half, abs=0.01)


def test_every_interval_contains_its_value_also_where_tags_are_rare() -> None:
    random = np.random.default_rng(6)
    truth = random.random((60, 40)) < 0.02
    truth[np.arange(60), random.integers(0, 40, 60)] = True
    made = evaluate(predicted(truth, random.random(truth.shape)), QUICK)
    for name, figure in made.overall.items():
        assert figure.value is not None, name
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value + 1e-12, name
            assert figure.high >= figure.value - 1e-12, name


def test_wilson_by_hand() -> None:
    figure = wilson(8, 10)  # Newcombe 1998's formula with z = 1.96: 0.490 to 0.943
    assert (figure.value, figure.low, figure.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-3)
    assert wilson(0, 0).value is None
    assert wilson(5, 5).high == pytest.approx(1)


def test_photos_that_abstain_get_no_tags_and_are_still_ranked() -> None:
    truth, scores = np.eye(2, dtype=bool), np.array([[0.9, 0.1], [0.1, 0.9]])
    made = evaluate(predicted(truth, scores, abstained=np.array([False, True])), QUICK)
    assert value(made, "P@1") == 1
    assert value(made, "photos without a tag") == 0.5
    assert value(made, "photos unlike all others") == 0.5
    assert value(made, "true tags found") == 0.5
    assert max(point.photos_covered for point in made.curve) == 0.5
    assert all(point.precision >= 0.5 for point in made.curve)


def test_each_fold_has_thresholds_of_its_own() -> None:
    thresholds = np.array([[[0.5, 0.5], [0.95, 0.95]]], np.float32)
    scores = [[0.9, 0.1], [0.9, 0.1]]
    item = predicted([[1, 0], [1, 0]], scores, folds=np.array([0, 1], np.int32), thresholds=thresholds)
    assert item.predicted_at(0).tolist() == [[True, False], [False, False]]


def test_the_curve_starts_at_the_highest_score() -> None:
    truth, scores = several(n=300)
    curve = evaluate(predicted(truth, scores), QUICK).curve
    least = [point.min_score for point in curve]
    assert least == sorted(least, reverse=True)
    assert [point.tags_found for point in curve] == sorted(point.tags_found for point in curve)
    for point in curve:
        given = scores >= np.float32(point.min_score)
        assert point.precision == pytest.approx(truth[given].mean())
        assert point.photos_covered == pytest.approx(given.any(axis=1).mean())
        assert point.tags_found == pytest.approx(given[truth].mean())


def test_lists_of_tags_that_go_together_are_less_diverse() -> None:
    truth = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], bool)
    found = list_diversity(truth, np.array([[0, 1, 2], [0, 2, 1], [2, 1, 0]]), 2)
    assert found is not None
    assert found.tolist() == pytest.approx([0, 1, 1])
    assert list_diversity(truth, np.array([[0]] * 3), 5) is None


@pytest.mark.parametrize(
    ("truth", "scores"),
    [
        ([[1]], [[0.7]]),
        ([[1], [1]], [[0.7], [0.0]]),
        ([[1, 0]], [[0.0, 0.0]]),
        ([[1, 1], [1, 1]], [[0.2, 0.1], [0.1, 0.2]]),
    ],
    ids=["one photo, one tag", "one tag", "nothing is sure", "every tag everywhere"],
)
def test_the_smallest_cases_have_figures(truth: list[list[int]], scores: list[list[float]]) -> None:
    made = evaluate(predicted(truth, scores), QUICK)
    assert 0 <= value(made, "MiAP") <= 1
    json.dumps(made.to_json(), allow_nan=False)


def test_a_tag_never_predicted_has_no_precision_and_a_recall_of_0() -> None:
    made = evaluate(predicted([[1, 0], [0, 1]], [[0.9, 0.1], [0.8, 0.1]]), QUICK)
    assert made.tags[1].precision.value is None
    assert made.tags[1].recall.value == 0
    assert made.confused() == (("tag001", "tag000", 1),)
