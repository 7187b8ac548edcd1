"""Votes of labelled photos."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.tagging.labelled_neighbours import N_LABELLED, find_voters, tag_vote_shares

MATRIX = np.array([[1, 0], [0, 1], [0, 1]], bool)
CODES = np.array([[1.0, 0.0], [0.0, 1.0], [0.1, 1.0]])


def test_the_nearest_come_first_and_decide() -> None:
    voters = find_voters(np.array([[1.0, 0.1]]), CODES)
    assert voters.rows[0, 0] == 0
    shares = tag_vote_shares(voters, MATRIX, MATRIX.mean(axis=0))
    assert shares[0, 0] > 0.9
    assert shares[0, 1] < 0.1


def test_far_from_all_the_prior_stands() -> None:
    voters = find_voters(np.array([[-1.0, -1.0]]), CODES)
    assert tag_vote_shares(voters, MATRIX, np.array([0.3, 0.7]))[0] == pytest.approx([0.3, 0.7])


def test_a_labelled_photo_does_not_vote_for_itself() -> None:
    voters = find_voters(CODES, CODES, exclude_self=True)
    assert voters.rows.shape == (3, 2)
    assert (voters.rows != np.arange(3)[:, None]).all()
    alone = find_voters(CODES[:1], CODES[:1], exclude_self=True)
    assert tag_vote_shares(alone, MATRIX[:1], np.array([0.5, 0.5])).tolist() == [[0.5, 0.5]]


def test_no_more_than_a_few_vote() -> None:
    many = np.random.default_rng(0).standard_normal((50, 8))
    assert find_voters(many[:4], many).rows.shape == (4, N_LABELLED)
