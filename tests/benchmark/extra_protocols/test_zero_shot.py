"""The zero-shot protocol: its split and its scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
import pytest

from clustertags.benchmark.extra_protocols.zero_shot import ZeroShotScores, score_zero_shot, split_tags, top_one
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task, ZeroShotMethod
from clustertags.errors import UsageError
from clustertags.types import Bool
from tests.benchmark.methods.made_names import photos_with

NAMES = tuple(f"tag{i}" for i in range(10))


def some_tags(n: int = 400, several: bool = True, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    tags = np.eye(10, dtype=bool)[random.integers(0, 10, n)]
    return tags | (random.random((n, 10)) < 0.08) if several else tags


class Oracle:
    """Predicts the true tags, which are its features."""

    name: ClassVar[str] = "oracle"
    title: ClassVar[str] = "Oracle"
    family: ClassVar[Family] = Family.ZERO_SHOT
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "none"

    def __init__(self, prefers_seen: bool = False) -> None:
        self.prefers_seen = prefers_seen

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        assert tags.shape == (len(photos), len(task.names))
        self.names_, self.tags_ = task.names, tags
        return self

    def predict_scores(self, photos: PhotoSample) -> np.ndarray:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> np.ndarray:
        columns = [NAMES.index(name) for name in candidates]
        bonus = np.array([2.0 * self.prefers_seen * (name in self.names_) for name in candidates])
        return photos.features.values[:, columns] + bonus


def test_no_photo_of_an_unseen_tag_is_learnt_from() -> None:
    tags = some_tags()
    split = split_tags(tags, random_state=1, labels_a_tag=5)
    assert not set(split.seen) & set(split.unseen)
    assert not tags[split.train][:, split.unseen].any()
    assert not tags[split.test_seen][:, split.unseen].any()
    assert tags[split.test_unseen][:, split.unseen].any(axis=1).all()
    assert not set(split.train) & set(split.test_seen)
    assert (tags[split.train][:, split.seen].sum(axis=0) >= 5).all()
    assert len(split.train) <= 5 * len(split.seen)
    again = split_tags(tags, random_state=1, labels_a_tag=5)
    np.testing.assert_array_equal(split.train, again.train)
    assert not np.array_equal(split.unseen, split_tags(tags, random_state=2).unseen)


def test_an_oracle_scores_one_and_one_that_prefers_seen_tags_finds_no_unseen_one() -> None:
    tags = some_tags()
    photos, split = photos_with(tags + 1e-6), split_tags(tags, random_state=0)
    assert isinstance(Oracle(), ZeroShotMethod)
    perfect = score_zero_shot(Oracle(), photos, tags, split, Task(NAMES))
    assert (perfect.zero_shot, perfect.unseen, perfect.seen, perfect.harmonic) == (1, 1, 1, 1)
    single = some_tags(several=False)
    biased = score_zero_shot(
        Oracle(prefers_seen=True), photos_with(single + 1e-6), single, split_tags(single, random_state=0), Task(NAMES)
    )
    assert (biased.zero_shot, biased.unseen, biased.seen, biased.harmonic) == (1, 0, 1, 0)


def test_top_one_by_hand() -> None:
    truth = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1]], bool)
    scores = np.array([[3, 2, 1], [3, 2, 1], [1, 2, 3], [1, 3, 2], [0, 1, 2]], float)
    # tag 0: 2 of 3; tag 1: both, the last photo's other tag being excluded; tag 2: its one photo.
    assert top_one(scores, truth) == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert top_one(scores, truth, np.array([True, False, False])) == pytest.approx(2 / 3)
    assert top_one(np.zeros((5, 3)), truth) == pytest.approx((1 + 0 + 0) / 3)
    with pytest.raises(ValueError, match="finite"):
        top_one(np.full((5, 3), np.nan), truth)


def test_harmonic_mean_by_hand() -> None:
    assert ZeroShotScores("m", "M", 0, 0.2, 0.6, 0, 0).harmonic == pytest.approx(0.3)


def test_too_few_tags_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 2 tags"):
        split_tags(np.eye(3, dtype=bool).repeat(4, axis=0), random_state=0)
    with pytest.raises(UsageError, match="at least 2 tags"):
        split_tags(np.zeros((5, 0), bool), random_state=0)
