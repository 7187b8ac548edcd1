"""Label spreading: its solution, its leave-one-out shares, and what a new photo takes from it."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.tagging.label_spreading import PRIOR_MASS, SPREADING, spread_tags
from clustertags.types import Neighbours


def chain(n: int) -> Neighbours:
    """Photos in a row, each next to the one before and after; the outermost to the two nearest."""
    left, right = np.maximum(np.arange(n) - 1, 0), np.minimum(np.arange(n) + 1, n - 1)
    left[0], right[-1] = 2, n - 3
    return Neighbours(np.stack([left, right], axis=1).astype(np.int32), np.ones((n, 2), np.float32))


def solved(neighbours: Neighbours, photos: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Shares by a direct solution of Zhou's equation."""
    n = len(neighbours.indices)
    weights = np.zeros((n, n))
    for row, column in enumerate(neighbours.indices):
        weights[row, column] = 1.0
    weights = np.maximum(weights, weights.T)
    scale = 1 / np.sqrt(weights.sum(axis=1))
    inverse = (1 - SPREADING) * np.linalg.inv(np.eye(n) - SPREADING * scale[:, None] * weights * scale)
    tags, mass = inverse[:, photos] @ matrix, inverse[:, photos].sum(axis=1, keepdims=True)
    return (tags + PRIOR_MASS * matrix.mean(axis=0)) / (mass + PRIOR_MASS)


PHOTOS = np.array([0, 3, 9], np.int32)
MATRIX = np.array([[1, 0], [1, 1], [0, 1]], bool)


def at_each(neighbours: Neighbours, n: int) -> Neighbours:
    return Neighbours(np.arange(n, dtype=np.int32)[:, None], np.ones((n, 1), np.float32))


def test_equals_the_direct_solution() -> None:
    near = chain(10)
    spread = spread_tags(near, PHOTOS, MATRIX, np.arange(0)).spread
    assert spread.look_up(at_each(near, 10)) == pytest.approx(solved(near, PHOTOS, MATRIX.astype(float)), abs=0.02)


def test_nearer_labels_count_more() -> None:
    near = chain(10)
    shares = spread_tags(near, PHOTOS[[0, 2]], MATRIX[[0, 2]], np.arange(0)).spread.look_up(at_each(near, 10))
    assert (np.diff(shares[:, 0]) < 0).all()
    assert shares[1, 0] > 0.9
    assert shares[8, 0] < 0.1


def test_leave_one_out_shares_equal_spreading_without_the_photo() -> None:
    near = chain(10)
    loo_shares = spread_tags(near, PHOTOS, MATRIX, np.arange(3)).loo_shares
    for row, photo in enumerate(PHOTOS):
        others = np.arange(3) != row
        without = spread_tags(near, PHOTOS[others], MATRIX[others], np.arange(0)).spread
        asked = Neighbours(near.indices[photo][None], near.similarities[photo][None])
        assert loo_shares[row] == pytest.approx(without.look_up(asked)[0], abs=1e-4)


def test_where_no_label_reaches_the_prior_stands() -> None:
    # Two pairs of photos with no edge between them; only the first pair is labelled.
    near = Neighbours(np.array([[1], [0], [3], [2]], np.int32), np.ones((4, 1), np.float32))
    spread = spread_tags(near, np.array([0, 1], np.int32), np.array([[1, 0], [1, 1]], bool), np.arange(0)).spread
    assert spread.look_up(at_each(near, 4))[2] == pytest.approx([1.0, 0.5], abs=1e-6)


def test_a_photo_without_neighbours_has_the_prior() -> None:
    near = Neighbours(np.zeros((1, 0), np.int32), np.zeros((1, 0), np.float32))
    spread = spread_tags(near, np.array([0], np.int32), np.array([[1, 0]], bool), np.arange(1))
    assert spread.spread.look_up(near).tolist() == [[1.0, 0.0]]
    assert np.isfinite(spread.loo_shares).all()


def test_only_the_strongest_tags_are_kept() -> None:
    near = chain(30)
    matrix = np.eye(100, dtype=bool)[:30]
    spread = spread_tags(near, np.arange(30, dtype=np.int32), matrix, np.arange(0)).spread
    assert spread.tags.shape == (30, 32)
    assert (spread.look_up(at_each(near, 30)).argmax(axis=1) == np.arange(30)).all()
