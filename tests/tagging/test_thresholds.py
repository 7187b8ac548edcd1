"""Thresholds for a wanted precision."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.tagging.thresholds import threshold_table, thresholds_at


@pytest.mark.parametrize("precision", [0.5, 0.7, 0.833, 0.9])
def test_tags_above_the_threshold_are_right_as_often_as_asked(precision: float) -> None:
    random = np.random.default_rng(0)
    probabilities = random.beta(0.5, 1.0, (4000, 2))
    truth = random.random(probabilities.shape) < probabilities
    table = threshold_table(probabilities[:2000])
    shown = probabilities[2000:] >= thresholds_at(table, precision)
    assert truth[2000:][shown].mean() == pytest.approx(precision, abs=0.03)


def test_never_above_the_precision_and_rising_with_it() -> None:
    table = threshold_table(np.random.default_rng(0).random((50, 3)) * 0.4)
    asked = [0.1, 0.3, 0.5, 0.9, 0.99]
    found = np.array([thresholds_at(table, precision) for precision in asked])
    assert (found <= np.array(asked)[:, None] + 1e-6).all()
    assert (np.diff(found, axis=0) >= 0).all()


def test_nothing_asked_shows_all() -> None:
    assert thresholds_at(threshold_table(np.full((3, 2), 0.2)), 0.0).tolist() == [0.0, 0.0]
