"""The figures of the open protocol, on tables of scores worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.benchmark.extra_protocols.open_figures import calibration_error, open_figures

# The best tag of each photo: right 0.9, wrong 0.8, right 0.6, right 0.3 of known kinds; 0.85, 0.5, 0.1 of unknown ones.
SCORES = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.2], [0.1, 0.85], [0.5, 0.2], [0.1, 0.0]])
TRUTH = np.array([[1, 0], [0, 1], [1, 1], [1, 0], [0, 0], [0, 0], [0, 0]], bool)


def test_each_figure_is_that_of_the_table() -> None:
    found = open_figures(SCORES, SCORES, TRUTH)
    # Of the 12 pairs, 0.9 wins 3, 0.8 wins 2, 0.6 wins 2 and 0.3 wins 1.
    assert found.auroc == pytest.approx(8 / 12)
    assert found.unknown_at_50 == pytest.approx(2 / 3)
    assert found.unknown_at_80 == pytest.approx(1 / 3)
    assert found.precision_at_50 == pytest.approx(2 / 5)  # 0.9 and 0.6 of 0.9, 0.8, 0.6, 0.85, 0.5
    assert found.precision_at_80 == pytest.approx(1 / 3)  # 0.9 of 0.9, 0.8, 0.85
    assert found.kept_at_50 == pytest.approx(2 / 4)
    # Bins: 0.9 right; 0.8 and 0.85 both wrong; 0.6 right; 0.3 right; 0.5 wrong; 0.1 wrong.
    assert found.ece == pytest.approx((0.1 + 1.65 + 0.4 + 0.7 + 0.5 + 0.1) / 7)


def test_order_is_that_of_raw_scores_and_thresholds_of_probabilities() -> None:
    """In log odds, where a map puts all on one step, order and best tags are as before."""
    raw = np.log(SCORES + 0.01) - np.log(1.01 - SCORES)
    flat = np.full_like(SCORES, 0.7)
    found = open_figures(raw, flat, TRUTH)
    assert found.auroc == pytest.approx(8 / 12)
    assert (found.unknown_at_50, found.unknown_at_80) == (1.0, 0.0)
    assert found.precision_at_50 == pytest.approx(3 / 7)
    assert found.precision_at_80 is None
    assert found.kept_at_50 == pytest.approx(3 / 4)
    assert found.ece == pytest.approx(0.7 - 3 / 7)


def test_figures_without_photos_to_take_them_over_are_none() -> None:
    known_only = open_figures(SCORES[:4], SCORES[:4], TRUTH[:4])
    assert (known_only.auroc, known_only.unknown_at_50, known_only.unknown_at_80) == (None, None, None)
    assert known_only.kept_at_50 == pytest.approx(2 / 4)
    unknown_only = open_figures(SCORES[4:], SCORES[4:], TRUTH[4:])
    assert (unknown_only.auroc, unknown_only.kept_at_50) == (None, None)
    none = open_figures(SCORES[:0], SCORES[:0], TRUTH[:0])
    assert {getattr(none, name) for name in none.__slots__} == {None}


def test_the_calibration_error_weighs_bins_by_their_photos() -> None:
    scores = np.array([0.05, 0.05, 0.05, 1.0])
    right = np.array([0, 0, 1, 1], bool)
    assert calibration_error(scores, right) == pytest.approx(0.75 * (1 / 3 - 0.05))
