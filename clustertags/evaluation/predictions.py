"""Predictions to be scored, with the true tags."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields

import numpy as np

from clustertags.labels.demotion import demoted_columns
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import Bool, Float32, Int32

CROSS_VALIDATION = "cross-validation"
GIVEN_TRUTH = "given truth"
DEFAULT_PRECISIONS = (0.5, 0.8, 0.9)
"""The target precisions by default."""

_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions for n photos whose tags are known, all of different content and with at least one true tag.

    `truth`: (n, n_tags) bool; `scores`: (n, n_tags) float32 in 0..1; `abstained`: (n,) bool, photos too unlike the
    library to be tagged. `folds`: (n,) int32, the model that predicted each. `thresholds`: (n_precisions, n_models,
    n_tags) float32, the score from which each model predicts a tag at each of the target `precisions`.
    `notes`: sentences on what was scored and what was excluded; `n_unreadable`: photos that could not be read;
    `demoted`: tags ranked after all others, whatever their scores.
    """

    protocol: str
    vocabulary: tuple[str, ...]
    truth: Bool
    scores: Float32
    abstained: Bool
    folds: Int32
    precisions: tuple[float, ...]
    thresholds: Float32
    notes: tuple[str, ...] = ()
    n_unreadable: int = 0
    demoted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n, n_tags = self.truth.shape
        if n == 0 or n_tags != len(self.vocabulary) or not self.truth.any(axis=1).all():
            raise ValueError("there must be photos, one column a tag, and at least one true tag a photo")
        if self.scores.shape != (n, n_tags) or self.abstained.shape != (n,) or self.folds.shape != (n,):
            raise ValueError("truth, scores, abstained and folds differ in shape")
        if self.thresholds.shape != (len(self.precisions), int(self.folds.max()) + 1, n_tags):
            raise ValueError("thresholds must have one value for each precision, model and tag")
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                frozen = value.view()
                frozen.flags.writeable = False
                object.__setattr__(self, item.name, frozen)

    @property
    def n_photos(self) -> int:
        return len(self.truth)

    @property
    def one_tag_a_photo(self) -> bool:
        return bool((self.truth.sum(axis=1) == 1).all())

    def ranking_scores(self) -> Float32:
        """(n, n_tags) float32: scores to rank tags by: those of demoted tags are below all others."""
        if not self.demoted:
            return self.scores
        last = demoted_columns(self.vocabulary, self.demoted)
        return np.asarray(self.scores - 2 * last.astype(np.float32), np.float32)

    def predicted_from(self, min_score: float) -> Bool:
        """(n, n_tags) bool: the tags predicted at this minimum score."""
        return np.asarray((self.scores >= np.float32(min_score)) & ~self.abstained[:, None])

    def predicted_at(self, at: int) -> Bool:
        """(n, n_tags) bool: the tags predicted at the target precision of this index."""
        return np.asarray((self.scores >= self.thresholds[at][self.folds]) & ~self.abstained[:, None])


def demoted_note(demoted: Collection[str]) -> tuple[str, ...]:
    """A sentence on the demoted tags, where there are any."""
    if not demoted:
        return ()
    shown = ", ".join(printable(tag, 40) for tag in sorted(demoted)[:_NAMES_SHOWN])
    more = ", ..." if len(demoted) > _NAMES_SHOWN else ""
    what = plural(len(demoted), "tag is demoted and ranked", "tags are demoted and ranked")
    return (f"{what} after all others, as found at the fit ({shown}{more}).",)
