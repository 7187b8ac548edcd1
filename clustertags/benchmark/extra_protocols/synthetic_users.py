"""Synthetic users: photos and tags are real, who took a photo and how that person names it is made up.

No data with users is at hand, so people are planted to see whether the user-conditional models find what is there: all
tags are dealt into pairs of names for the same things, and every synthetic user says either name by a taste of their
own. What a photo shows is thus real, which name stands for it is the user's. The control deals the photos' users anew
at random: where the tastes are gone, knowing the user must not help. Every title says "synthetic".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.method_interface import Method, PhotoSample, Task
from clustertags.types import Bool, Int32, freeze

TITLE = "synthetic users with planted preferences"
N_TASTES = 2
TEST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class PlantedUsers:
    """`users`: (n,) int32 synthetic user of each photo; `tags`: (n, 2 * n_tags) bool, what that user calls it;
    `names`: two synthetic names of every tag.
    """

    users: Int32
    tags: Bool
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        freeze(self)

    def shuffled(self, seed: int) -> PlantedUsers:
        """The control: the same photos and names, each photo of a user drawn anew."""
        return replace(self, users=np.random.default_rng(seed).permutation(self.users))


@dataclass(frozen=True, slots=True)
class PlantedScores:
    """Share of the tested photos whose best tag is right, with synthetic users and with them shuffled."""

    method: str
    title: str
    planted: float
    shuffled: float


def plant_users(tags: Bool, names: Sequence[str], n_users: int = 8, seed: int = 0) -> PlantedUsers:
    """Deal (n, n_tags) photos to synthetic users and name their tags by each one's taste.

    A user prefers the second name of a tag where the product of their taste and the tag's is positive; both are drawn
    at random in `N_TASTES` dimensions, so that no name is everyone's.
    """
    random = np.random.default_rng(seed)
    users = random.integers(0, n_users, len(tags)).astype(np.int32)
    tastes, kinds = random.standard_normal((n_users, N_TASTES)), random.standard_normal((N_TASTES, tags.shape[1]))
    second = ((tastes @ kinds) > 0)[users]
    both = np.concatenate([tags & ~second, tags & second], axis=1)
    return PlantedUsers(users, both, tuple(f"{name} (synthetic name {which})" for which in (1, 2) for name in names))


def score_planted_users(
    methods: Sequence[Method], photos: PhotoSample, planted: PlantedUsers, seed: int = 0
) -> tuple[PlantedScores, ...]:
    """Fit each method on 7 of 10 photos and test it on the others, with the synthetic users and with them shuffled."""
    order = np.random.default_rng(seed).permutation(len(planted.users))
    n_test = round(TEST_SHARE * len(order))
    test, train = np.sort(order[:n_test]), np.sort(order[n_test:])
    control = planted.shuffled(seed)
    return tuple(
        PlantedScores(
            method.name,
            f"{method.title}: {TITLE}",
            *(_precision_at_one(method, photos, users, (train, test), seed) for users in (planted, control)),
        )
        for method in methods
    )


def _precision_at_one(
    method: Method,
    photos: PhotoSample,
    planted: PlantedUsers,
    split: tuple[NDArray[np.intp], NDArray[np.intp]],
    seed: int,
) -> float:
    train, test = split

    def part(rows: NDArray[np.intp]) -> PhotoSample:
        return PhotoSample(photos.features.take(rows), users=planted.users[rows])

    method.fit(part(train), planted.tags[train], Task(planted.names, seed=seed))
    scores = method.predict_scores(part(test))
    shown = planted.tags[test].any(axis=1)
    return float(planted.tags[test][np.arange(len(test)), scores.argmax(axis=1)][shown].mean())
