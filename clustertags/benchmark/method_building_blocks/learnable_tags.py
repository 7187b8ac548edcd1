"""Which tags the labelled photos can teach, and where the others stand in a ranking.

A tag that no labelled photo carries, or that all of them carry, gives a classifier one class only. It is left out of
the training and stands last, or first, for every photo.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Bool, Float64


@dataclass(frozen=True, slots=True)
class TaughtTags:
    """`always` and `never`: (n_tags,) bool, the tags of all labelled photos and of none."""

    always: Bool
    never: Bool
    columns: NDArray[np.intp] = field(init=False)
    """The columns of the other tags, ascending."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", np.flatnonzero(~self.always & ~self.never))

    @classmethod
    def of(cls, tags: Bool) -> TaughtTags:
        """From (n_labelled, n_tags) bool, at least one photo."""
        return cls(np.asarray(tags.all(axis=0)), np.asarray(~tags.any(axis=0)))

    @classmethod
    def seen(cls, tags: Bool) -> TaughtTags:
        """The same for a method that learns from a tag of all labelled photos as well."""
        never = np.asarray(~tags.any(axis=0))
        return cls(np.zeros_like(never), never)

    def place(self, scores: NDArray[Any], n: int) -> Float64:
        """(n, n_taught) scores of `columns` to (n, n_tags): 1 above a photo's best for `always`, 1 below its lowest
        for `never`.
        """
        placed = np.zeros((n, len(self.always)))
        placed[:, self.columns] = scores
        best = np.max(scores, axis=1, initial=-np.inf) if len(self.columns) else np.zeros(n)
        lowest = np.min(scores, axis=1, initial=np.inf) if len(self.columns) else np.zeros(n)
        placed[:, self.always] = np.reshape(best, (-1, 1)) + 1
        placed[:, self.never] = np.reshape(lowest, (-1, 1)) - 1
        return placed


def one_tag_each(tags: Bool) -> bool:
    """Whether every labelled photo carries exactly one tag, so that one classifier can choose among them."""
    return bool((tags.sum(axis=1) == 1).all())
