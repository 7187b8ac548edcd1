"""Draws of the open protocol: a library in which most photos may show none of the known tags.

A share of the tags is known. A photo is of a known kind when it has one of them, else of an unknown kind. Some photos
are outside the library; of those inside, photos of known kinds are labelled, in random order, until each known tag has
its labels, and carry their known tags alone. All other photos of the library are unlabelled, of either kind: the
setting of learning from positive and unlabelled examples (Elkan and Noto 2008).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.extra_protocols.zero_shot import few_a_tag
from clustertags.errors import UsageError
from clustertags.near_duplicates.by_features import near_duplicate_groups
from clustertags.support.printable import printable
from clustertags.types import freeze

LABELS_A_TAG = (5, 10)


@dataclass(frozen=True, slots=True)
class OpenSettings:
    """`known_share` of the tags is known, at least two and not all; `labels`: budgets in labels a known tag;
    `outside_share` of the photos is outside the library; a tag on fewer than `min_photos` photos counts as none.
    """

    known_share: float = 0.5
    labels: tuple[int, ...] = LABELS_A_TAG
    n_draws: int = 5
    outside_share: float = 0.25
    min_photos: int = 10
    random_state: int = 0


@dataclass(frozen=True, slots=True)
class OpenDraw:
    """`known`: columns of the known tags; `labelled`, `unlabelled` and `outside`: rows of the photos; all ascending.

    `budget`: labels a known tag; `number`: of the draw within its budget, from 0; `random_state`: what it was drawn by.
    """

    budget: int
    number: int
    known: NDArray[np.intp]
    labelled: NDArray[np.intp]
    unlabelled: NDArray[np.intp]
    outside: NDArray[np.intp]
    random_state: int

    def __post_init__(self) -> None:
        freeze(self)


def open_draws(labelled: LabelledSet, settings: OpenSettings) -> Iterator[OpenDraw]:
    """All draws, the budgets of a draw next to each other: they share its known tags and its library.

    Near-duplicates are outside together or inside together. Raises `UsageError` for fewer than three tags on enough
    photos.
    """
    usable = np.flatnonzero(labelled.tags.sum(axis=0) >= settings.min_photos)
    if len(usable) < 3:
        raise UsageError(
            f"{printable(labelled.title)}: {len(usable):,} tags are on {settings.min_photos} photos or more, and "
            "--open-share needs three, so that two can be known and one unknown: label more photos"
        )
    groups = near_duplicate_groups(labelled.features.values)
    for number in range(settings.n_draws):
        random_state = settings.random_state + number
        generator = np.random.default_rng(random_state)
        known = np.sort(generator.permutation(usable)[: _n_known(len(usable), settings.known_share)])
        order = generator.permutation(len(labelled))
        is_outside = _first_groups(order, groups, round(settings.outside_share * len(order)))
        inside = order[~is_outside[order]]
        for budget in settings.labels:
            seeds = np.sort(few_a_tag(labelled.tags[:, known], inside, budget))
            unlabelled = np.setdiff1d(inside, seeds)
            yield OpenDraw(budget, number, known, seeds, unlabelled, np.flatnonzero(is_outside), random_state)


def _n_known(n_tags: int, share: float) -> int:
    return min(max(2, round(share * n_tags)), n_tags - 1)


def _first_groups(order: NDArray[np.intp], groups: NDArray[np.intp], most: int) -> NDArray[np.bool_]:
    """(n,) whether each photo is in one of the first groups by the permutation `order`, `most` photos in all."""
    place = np.unique(groups[order], return_index=True)[1][groups]
    return np.asarray(place < np.sort(place)[most])
