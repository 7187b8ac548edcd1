"""DeViSE and ESZSL: a map from features to names."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.benchmark.method_building_blocks.zero_shot_semantics import scaled_rows, vectors_of
from clustertags.benchmark.method_interface import Task
from clustertags.benchmark.methods.devise import DeViSE
from clustertags.benchmark.methods.eszsl import ESZSL
from tests.benchmark.methods.made_names import MadeWords, photos_like_their_names

NAMES = tuple(f"thing {i}" for i in range(40))
UNSEEN = tuple(f"other {i}" for i in range(10))


@pytest.mark.parametrize("method", [DeViSE, ESZSL])
def test_unseen_tags_are_found_by_what_was_learnt_of_seen_ones(method: type[DeViSE | ESZSL]) -> None:
    words = MadeWords()
    photos, tags = photos_like_their_names(words, NAMES, 8)
    asked, truth = photos_like_their_names(words, UNSEEN, 10, seed=1)
    fitted = method().fit(photos, tags, Task(NAMES, encoder=words))
    right = truth[np.arange(len(truth)), fitted.predict_candidates(asked, UNSEEN).argmax(axis=1)].mean()
    assert right > 0.4  # chance: 0.1
    seen = tags[np.arange(len(tags)), fitted.predict_scores(photos).argmax(axis=1)].mean()
    assert seen > 0.5  # chance: 0.03


def test_eszsl_is_its_closed_form() -> None:
    words, names = MadeWords(), NAMES[:5]
    photos, tags = photos_like_their_names(words, names, 4)
    fitted = ESZSL((0.5, 0.01)).fit(photos, tags, Task(names, encoder=words))
    x, s, y = scaled_rows(photos.features.values).T, vectors_of(words, names).T, 2.0 * tags - 1
    left = np.linalg.inv(x @ x.T + 0.5 * np.eye(len(x)))
    right = np.linalg.inv(s @ s.T + 0.01 * np.eye(len(s)))
    np.testing.assert_allclose(fitted.map_, left @ x @ y @ s.T @ right, atol=1e-8)
    np.testing.assert_allclose(fitted.predict_scores(photos), x.T @ fitted.map_ @ s, atol=1e-8)


def test_devise_by_hand_and_falling_loss() -> None:
    words, names = MadeWords(), NAMES[:6]
    photos, tags = photos_like_their_names(words, names, 5)
    fitted = DeViSE().fit(photos, tags, Task(names, encoder=words))
    assert fitted.losses_[0] > 2 * fitted.losses_[-1]
    x, s = scaled_rows(photos.features.values)[:3], vectors_of(words, names)
    columns = np.zeros(3, np.intp)
    by_hand = sum(
        max(0.0, 0.1 - s[0] @ fitted.map_ @ row + s[j] @ fitted.map_ @ row) for row in x for j in range(1, len(s))
    )
    loss, gradient = fitted._hinge(x, columns, tags[:3], s)
    assert loss == pytest.approx(by_hand)
    moved = fitted.map_.copy()
    moved[2, 3] += 1e-6
    before, fitted.map_ = fitted.map_, moved
    assert (fitted._hinge(x, columns, tags[:3], s)[0] - loss) / 1e-6 == pytest.approx(gradient[2, 3], abs=1e-4)
    fitted.map_ = before
