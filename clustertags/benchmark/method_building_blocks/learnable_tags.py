"""Which tags can be learnt from the labelled photos, and how the others are ranked.

A tag of no labelled photo, or of all of them, gives a classifier one class only. It is excluded from the training and
ranked last, or first, for every photo.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Bool, Float64


@dataclass(frozen=True, slots=True)
class LearnableTags:
    """`always` and `never`: (n_tags,) bool, the tags of all labelled photos and of none."""

    always: Bool
    never: Bool
    columns: NDArray[np.intp] = field(init=False)
    """The columns of the other tags, ascending."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", np.flatnonzero(~self.always & ~self.never))

    @classmethod
    def two_class(cls, tags: Bool) -> LearnableTags:
        """From (n_labelled, n_tags) bool, at least one photo."""
        return cls(np.asarray(tags.all(axis=0)), np.asarray(~tags.any(axis=0)))

    @classmethod
    def with_photos(cls, tags: Bool) -> LearnableTags:
        """The same for a method that can also learn a tag of all labelled photos."""
        never = np.asarray(~tags.any(axis=0))
        return cls(np.zeros_like(never), never)

    def expand(self, scores: NDArray[Any], n: int) -> Float64:
        """(n, n_learnable) scores of `columns` to (n, n_tags): 1 above a photo's best for `always`, 1 below its lowest
        for `never`.
        """
        expanded = np.zeros((n, len(self.always)))
        expanded[:, self.columns] = scores
        best = np.max(scores, axis=1, initial=-np.inf) if len(self.columns) else np.zeros(n)
        lowest = np.min(scores, axis=1, initial=np.inf) if len(self.columns) else np.zeros(n)
        expanded[:, self.always] = np.reshape(best, (-1, 1)) + 1
        expanded[:, self.never] = np.reshape(lowest, (-1, 1)) - 1
        return expanded


def one_tag_each(tags: Bool) -> bool:
    """Whether every labelled photo has exactly one tag, so that a multiclass classifier can be fitted."""
    return bool((tags.sum(axis=1) == 1).all())
