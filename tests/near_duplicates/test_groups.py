"""Groups about hubs, and connected ones."""

from __future__ import annotations

import numpy as np

from clustertags.near_duplicates.groups import connected, groups_about_hubs

PLACES = np.array([0.0, 0.8, 1.6, 2.4, 9.0, 9.5])


def near(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(PLACES[first] - PLACES[second]) < 1


def test_a_chain_is_cut_where_its_ends_are_no_longer_alike() -> None:
    first, second = np.array([0, 1, 2, 4]), np.array([1, 2, 3, 5])
    assert groups_about_hubs(first, second, 6, near).tolist() == [0, 0, 0, -1, 1, 1]
    assert connected(first, second, 6).tolist() == [0, 0, 0, 0, 1, 1]


def test_members_that_share_no_pair_with_the_hub_are_compared_with_it() -> None:
    def all_alike(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.ones(len(first), np.bool_)

    assert groups_about_hubs(np.array([0, 1, 2]), np.array([1, 2, 3]), 5, all_alike).tolist() == [0, 0, 0, 0, -1]


def test_the_rest_of_a_chain_is_grouped_in_turn() -> None:
    places = np.arange(7.0)

    def next_to(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.abs(places[first] - places[second]) < 1.5

    assert groups_about_hubs(np.arange(6), np.arange(1, 7), 7, next_to).tolist() == [0, 0, 0, 1, 1, 1, -1]


def test_no_pairs_make_no_groups() -> None:
    none = np.zeros(0, np.intp)
    assert groups_about_hubs(none, none, 2, near).tolist() == [-1, -1]
