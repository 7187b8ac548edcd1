"""Draws of the open protocol: which tags are known, who is labelled with what, and who is outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustertags.benchmark.extra_protocols.open_draws import OpenSettings, open_draws
from clustertags.errors import UsageError
from clustertags.near_duplicates.by_features import NEAR_DUPLICATE
from clustertags.types import Features
from tests.benchmark.made_sets import made_set

ONE = made_set(n_tags=6, n_each=20)
SEVERAL = made_set(n_tags=6, n_each=20, several=True)
SETTINGS = OpenSettings(labels=(2, 5), n_draws=3)


@pytest.mark.parametrize("labelled", [ONE, SEVERAL], ids=["one tag a photo", "several"])
def test_half_of_the_tags_are_known_and_every_photo_has_one_place(labelled) -> None:  # type: ignore[no-untyped-def]
    draws = list(open_draws(labelled, SETTINGS))
    assert [(draw.number, draw.budget) for draw in draws] == [(at, budget) for at in range(3) for budget in (2, 5)]
    for draw in draws:
        assert len(draw.known) == 3
        places = np.concatenate([draw.labelled, draw.unlabelled, draw.outside])
        np.testing.assert_array_equal(np.sort(places), np.arange(len(labelled)))
        assert len(draw.outside) == 30
    assert len({tuple(draw.known) for draw in draws}) > 1


def test_photos_are_labelled_until_each_known_tag_has_its_labels_and_no_longer() -> None:
    for draw in open_draws(ONE, SETTINGS):
        np.testing.assert_array_equal(ONE.tags[draw.labelled][:, draw.known].sum(axis=0), [draw.budget] * 3)
        assert ONE.tags[draw.labelled][:, draw.known].any(axis=1).all()
    for draw in open_draws(SEVERAL, SETTINGS):
        counts = SEVERAL.tags[draw.labelled][:, draw.known].sum(axis=0)
        assert (counts >= draw.budget).all()
        assert len(draw.labelled) <= 3 * draw.budget
        assert SEVERAL.tags[draw.labelled][:, draw.known].any(axis=1).all()


def test_budgets_of_a_draw_share_the_library_and_another_seed_is_another_draw() -> None:
    few, many = list(open_draws(ONE, replace(SETTINGS, n_draws=1)))
    np.testing.assert_array_equal(few.outside, many.outside)
    np.testing.assert_array_equal(few.known, many.known)
    assert np.isin(few.labelled, many.labelled).all()
    (again, _) = open_draws(ONE, replace(SETTINGS, n_draws=1))
    np.testing.assert_array_equal(few.labelled, again.labelled)
    other, _ = open_draws(ONE, replace(SETTINGS, n_draws=1, random_state=5))
    assert other.outside.tolist() != few.outside.tolist()


def test_a_rare_tag_is_never_known_and_its_photos_are_of_an_unknown_kind() -> None:
    tags = ONE.tags.copy()
    tags[np.flatnonzero(tags[:, 0])[9:], 0] = False  # nine photos are left
    rare = replace(ONE, tags=tags)
    draws = list(open_draws(rare, replace(SETTINGS, n_draws=8)))
    assert all(0 not in draw.known for draw in draws)
    assert all(len(draw.known) == 2 for draw in draws)  # half of five, rounded
    ten = replace(SETTINGS, n_draws=8, min_photos=9)
    assert any(0 in draw.known for draw in open_draws(rare, ten))


def test_at_least_two_tags_are_known_and_one_is_not() -> None:
    assert {len(draw.known) for draw in open_draws(ONE, replace(SETTINGS, known_share=0.01))} == {2}
    assert {len(draw.known) for draw in open_draws(ONE, replace(SETTINGS, known_share=0.99))} == {5}
    with pytest.raises(UsageError, match="2 tags are on 10 photos or more, and --open-share needs three"):
        list(open_draws(made_set(n_tags=2, n_each=20), SETTINGS))


def test_near_duplicates_are_outside_together() -> None:
    values = ONE.features.values.copy()
    values[1::2] = values[::2]
    doubled = replace(ONE, features=Features(values, ONE.features.norms))
    assert float((values[0] * values[1]).sum()) > NEAR_DUPLICATE
    for draw in open_draws(doubled, SETTINGS):
        is_outside = np.isin(np.arange(len(doubled)), draw.outside)
        np.testing.assert_array_equal(is_outside[::2], is_outside[1::2])
        assert 0 < len(draw.outside) <= 30
