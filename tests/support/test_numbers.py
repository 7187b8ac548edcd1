from __future__ import annotations

import numpy as np
import pytest

from clustertags.support.numbers import as_saved, sigmoid


def test_sigmoid_by_hand() -> None:
    found = sigmoid(np.array([[0.0, np.log(3.0)], [-np.log(3.0), 2.0]]))
    assert found.shape == (2, 2)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [[0.5, 0.75], [0.25, 1 / (1 + np.exp(-2.0))]])


def test_the_largest_log_odds_warn_of_nothing() -> None:
    far = np.array([-1e308, -np.inf, np.inf, 1e308], np.float64)
    found = sigmoid(far)
    assert np.isfinite(found).all()
    assert found.tolist() == [pytest.approx(0, abs=1e-200)] * 2 + [1.0] * 2
    assert (found[:2] > 0).all(), "never so sure that its logarithm is infinite"


def test_a_limit_bounds_the_probability() -> None:
    bounded = sigmoid(np.array([-50.0, 50.0, 1.0]), limit=10)
    np.testing.assert_allclose(bounded, 1 / (1 + np.exp(np.array([10.0, -10.0, -1.0]))))


def test_single_precision_is_taken_up_to_double() -> None:
    assert sigmoid(np.zeros(3, np.float32)).dtype == np.float64
    assert sigmoid(np.zeros((0, 4))).shape == (0, 4)


def test_what_is_saved_in_single_precision_comes_back_the_same() -> None:
    values = np.random.default_rng(0).standard_normal(100)
    rounded = as_saved(values)
    assert rounded.dtype == np.float64
    assert not np.array_equal(rounded, values)
    np.testing.assert_array_equal(rounded.astype(np.float32).astype(np.float64), rounded)
    np.testing.assert_allclose(rounded, values, rtol=1e-7)
