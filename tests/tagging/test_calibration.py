"""Calibration: what it says of probability is so, in order, and plain where labels are few."""

from __future__ import annotations

import json

import numpy as np
import pytest

from clustertags.tagging.calibration import Calibration, competition_log_odds, fit_calibration


def expected_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    bins = np.minimum((probabilities * 10).astype(int), 9)
    gaps = [
        (bins == b).mean() * abs(probabilities[bins == b].mean() - truth[bins == b].mean()) for b in np.unique(bins)
    ]
    return float(sum(gaps))


def one_tag_each(n: int, strength: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Fused scores whose softmax at `strength` is the truth, and a draw of it."""
    random = np.random.default_rng(seed)
    fused = random.standard_normal((n, 6)) * 2
    odds = np.exp(strength * fused)
    chosen = [random.choice(6, p=row / row.sum()) for row in odds]
    return fused, np.eye(6)[chosen]


def tags_apart(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Several tags a photo, each with a probability that is not logistic in its score."""
    random = np.random.default_rng(seed)
    fused = random.standard_normal((n, 6)) * 2
    probability = np.where(fused > 1.5, 0.9, 0.25)
    return fused, (random.random((n, 6)) < probability).astype(float)


@pytest.mark.parametrize("strength", [0.4, 1.0, 2.0])
def test_right_where_each_photo_has_one_tag(strength: float) -> None:
    fused, targets = one_tag_each(800, strength)
    calibration = fit_calibration(fused[:200], targets[:200], 1.0)
    assert expected_error(calibration.probabilities(fused[200:]), targets[200:]) < 0.05


def test_right_where_tags_come_independently_and_no_logistic_fits() -> None:
    fused, targets = tags_apart(1000)
    calibration = fit_calibration(fused[:300], targets[:300], targets.sum(axis=1).mean())
    assert expected_error(calibration.probabilities(fused[300:]), targets[300:]) < 0.06
    assert calibration.knots_from


def test_the_order_of_tags_stays() -> None:
    fused, targets = tags_apart(300)
    calibration = fit_calibration(fused, targets, 2.0)
    again = calibration.probabilities(fused)
    order = np.argsort(fused, axis=1)
    assert (np.diff(np.take_along_axis(again, order, axis=1), axis=1) > -1e-12).all()


def test_plain_softmax_without_labels_to_test_on() -> None:
    fused, targets = one_tag_each(10, 1.0)
    calibration = fit_calibration(fused, np.where(targets == 1, np.nan, 0.0), 1.0)
    assert calibration.probabilities(fused).sum(axis=1) == pytest.approx(1.0)


def test_log_odds_of_the_softmax() -> None:
    fused = np.array([[1.0, 0.0, -1.0]])
    chance = np.exp(fused) / np.exp(fused).sum()
    assert competition_log_odds(fused) == pytest.approx(np.log(chance / (1 - chance)))
    assert np.isfinite(competition_log_odds(np.array([[900.0, -900.0]]))).all()


def test_saved_as_json() -> None:
    fused, targets = tags_apart(300)
    calibration = fit_calibration(fused, targets, 2.0)
    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration
