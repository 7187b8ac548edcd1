"""Synthetic users: photos and tags are real; who took a photo and how that user names it is simulated.

No data with users is available, so users are simulated to test the user-conditional models: every tag gets two names,
and every synthetic user has a preference for one of them. As a control the photos' users are permuted: without the
preferences, the user must not help. Every title says "synthetic".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.method_interface import Method, PhotoSample, Task
from clustertags.types import Bool, Int32, freeze

TITLE = "synthetic users with planted preferences"
N_DIMENSIONS = 2
TEST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class SyntheticUsers:
    """`users`: (n,) int32 synthetic user of each photo; `tags`: (n, 2 * n_tags) bool, the names by that user;
    `names`: two synthetic names of every tag.
    """

    users: Int32
    tags: Bool
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        freeze(self)

    def shuffled(self, random_state: int) -> SyntheticUsers:
        """The control: the same photos and names, with permuted users."""
        return replace(self, users=np.random.default_rng(random_state).permutation(self.users))


@dataclass(frozen=True, slots=True)
class SyntheticUserScores:
    """P@1 on the test photos, with synthetic users and with shuffled ones."""

    method: str
    title: str
    synthetic: float
    shuffled: float


def assign_synthetic_users(tags: Bool, names: Sequence[str], n_users: int = 8, random_state: int = 0) -> SyntheticUsers:
    """Assign (n, n_tags) photos to synthetic users and name their tags by each user's preferences.

    A user prefers the second name of a tag where the dot product of the user's and the tag's random vectors, of
    `N_DIMENSIONS` dimensions, is positive, so that no name is preferred by all.
    """
    generator = np.random.default_rng(random_state)
    users = generator.integers(0, n_users, len(tags)).astype(np.int32)
    user_vectors, tag_vectors = (
        generator.standard_normal((n_users, N_DIMENSIONS)),
        generator.standard_normal((N_DIMENSIONS, tags.shape[1])),
    )
    second = ((user_vectors @ tag_vectors) > 0)[users]
    both = np.concatenate([tags & ~second, tags & second], axis=1)
    return SyntheticUsers(users, both, tuple(f"{name} (synthetic name {which})" for which in (1, 2) for name in names))


def score_synthetic_users(
    methods: Sequence[Method], photos: PhotoSample, synthetic: SyntheticUsers, random_state: int = 0
) -> tuple[SyntheticUserScores, ...]:
    """Fit each method on 7 of 10 photos and test it on the others, with the synthetic users and with shuffled ones."""
    order = np.random.default_rng(random_state).permutation(len(synthetic.users))
    n_test = round(TEST_SHARE * len(order))
    test, train = np.sort(order[:n_test]), np.sort(order[n_test:])
    control = synthetic.shuffled(random_state)
    return tuple(
        SyntheticUserScores(
            method.name,
            f"{method.title}: {TITLE}",
            *(_precision_at_one(method, photos, users, (train, test), random_state) for users in (synthetic, control)),
        )
        for method in methods
    )


def _precision_at_one(
    method: Method,
    photos: PhotoSample,
    synthetic: SyntheticUsers,
    split: tuple[NDArray[np.intp], NDArray[np.intp]],
    random_state: int,
) -> float:
    train, test = split

    def part(rows: NDArray[np.intp]) -> PhotoSample:
        return PhotoSample(photos.features.take(rows), users=synthetic.users[rows])

    method.fit(part(train), synthetic.tags[train], Task(synthetic.names, random_state=random_state))
    scores = method.predict_scores(part(test))
    has_tag = synthetic.tags[test].any(axis=1)
    return float(synthetic.tags[test][np.arange(len(test)), scores.argmax(axis=1)][has_tag].mean())
