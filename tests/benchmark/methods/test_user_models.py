"""Denton's three models on synthetic users, and on the same users shuffled."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from clustertags.benchmark.extra_protocols.synthetic_users import assign_synthetic_users, score_synthetic_users
from clustertags.benchmark.method_building_blocks.warp_training import warp_loss
from clustertags.benchmark.method_interface import Task
from clustertags.benchmark.methods.denton_bilinear import DentonBilinear
from clustertags.benchmark.methods.denton_three_way import DentonThreeWay
from clustertags.benchmark.methods.denton_user_biased import DentonUserBiased
from clustertags.errors import UsageError
from tests.benchmark.methods.made_names import MadeWords, photos_like_their_names, photos_with

NAMES = tuple(f"thing {i}" for i in range(6))


def test_three_way_beats_bilinear_where_users_matter_and_not_where_they_are_shuffled() -> None:
    photos, tags = photos_like_their_names(MadeWords(), NAMES, 60)
    planted = assign_synthetic_users(tags, NAMES, n_users=4)
    bilinear, three_way = score_synthetic_users([DentonBilinear(), DentonThreeWay()], photos, planted)
    assert three_way.synthetic > bilinear.synthetic + 0.15
    assert three_way.shuffled < bilinear.shuffled + 0.05
    assert abs(bilinear.synthetic - bilinear.shuffled) < 1e-9
    assert "synthetic" in three_way.title


def test_user_bias_finds_the_tags_that_are_a_persons_own() -> None:
    """Every user has one name for everything: the photo says nothing, the user all."""
    random = np.random.default_rng(0)
    users = random.integers(0, 4, 200).astype(np.int32)
    photos = photos_with(random.standard_normal((200, 10)), users=users)
    fitted = DentonUserBiased().fit(photos, np.eye(4, dtype=bool)[users], Task(NAMES[:4]))
    assert (fitted.predict_scores(photos).argmax(axis=1) == users).mean() > 0.95


@pytest.mark.parametrize("method", [DentonUserBiased, DentonThreeWay])
def test_unknown_users_get_scores_and_missing_ones_an_error(method: type[DentonUserBiased | DentonThreeWay]) -> None:
    photos, tags = photos_like_their_names(MadeWords(), NAMES, 3)
    known = photos_with(photos.features.values, users=np.zeros(len(tags), np.int32))
    fitted = method().fit(known, tags, Task(NAMES))
    for stranger in (-1, 7):
        scores = fitted.predict_scores(
            photos_with(photos.features.values, users=np.full(len(tags), stranger, np.int32))
        )
        assert np.isfinite(scores).all()
    with pytest.raises(UsageError, match="the user of each photo"):
        method().fit(photos, tags, Task(NAMES))


def test_planted_users_give_each_photo_one_of_two_names_by_their_taste() -> None:
    tags = np.array([[True, False], [True, True], [False, False]])
    planted = assign_synthetic_users(tags, ["cat", "dog"], n_users=2, random_state=3)
    assert planted.names[0] == "cat (synthetic name 1)"
    np.testing.assert_array_equal(planted.tags[:, :2] ^ planted.tags[:, 2:], tags)
    assert not (planted.tags[:, :2] & planted.tags[:, 2:]).any()
    shuffled = planted.shuffled(0)
    assert sorted(shuffled.users) == sorted(planted.users)
    np.testing.assert_array_equal(shuffled.tags, planted.tags)


def test_warp_loss_by_hand() -> None:
    """One wrong tag of three violates the margin; whenever it is drawn, rank and weight follow from the draw."""
    scores = torch.tensor([[2.0, 1.5, -9.0]])
    own = torch.tensor([[True, False, False]])
    # Drawn first: rank 2 of 2 wrong tags, weight 1 + 1/2; drawn second: rank 1, weight 1. The hinge is 1 - 2 + 1.5.
    found = {round(float(warp_loss(scores, torch.tensor([0]), own)), 4) for _ in range(40)}
    assert found == {0.75, 0.5}
    assert float(warp_loss(torch.tensor([[5.0, 0.0, 0.0]]), torch.tensor([0]), own)) == 0
