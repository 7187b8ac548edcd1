"""Predictions to be scored, with the true tags."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import Bool, Float32, Float64, Int32, freeze

CROSS_VALIDATION = "cross-validation"
GIVEN_TRUTH = "given truth"
DEFAULT_PRECISIONS = (0.5, 0.8, 0.9)
"""The target precisions by default."""
GIVEN_KNOWN = (
    "These scores are given that a photo shows one of the tags, as every labelled photo does: `clustertags tag` gives "
    "lower ones where photos may show none (docs/how-it-works/tags.md, docs/how-to/measure.md)."
)
"""What the scores of a cross-validation are given."""

_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class BestTags:
    """The best tag of n photos, some of known kinds, which show a tag of the model, some of unknown kinds.

    `scores`: (n,) float32 in 0..1, 0 where a photo is too unlike the library to be tagged; `correct`: (n,) bool, False
    for photos of unknown kinds; `is_known`: (n,) bool; `units`: (n,) int32, what is resampled for intervals: photos of
    one unit belong together; `models`: (n,) int32, the model that gave each tag. `known_share`: the share of known
    kinds in the library, by which the two are weighted where they are taken together; None: as they come. `how`:
    a sentence on which photos these are; `missing`: why there are none.
    """

    scores: Float32
    correct: Bool
    is_known: Bool
    units: Int32
    models: Int32
    known_share: float | None = None
    how: str = ""
    missing: str = ""

    def __post_init__(self) -> None:
        if any(array.shape != (len(self.scores),) for array in (self.correct, self.is_known, self.units, self.models)):
            raise ValueError("scores, correct, is_known, units and models differ in shape")
        if (self.correct & ~self.is_known).any():
            raise ValueError("no tag of the model is correct for a photo of an unknown kind")
        if not self.missing and (self.is_known.all() or not self.is_known.any()):
            raise ValueError("there must be photos of known and of unknown kinds, or a reason why not")
        freeze(self)

    @classmethod
    def none(cls, missing: str) -> BestTags:
        """No photos, and the reason."""
        nothing, numbers = np.zeros(0, bool), np.zeros(0, np.int32)
        return cls(np.zeros(0, np.float32), nothing, nothing, numbers, numbers, missing=missing)

    def weights(self) -> Float64:
        """(n,) float64 with a mean of 1, photos of known kinds together `known_share` of their sum."""
        n, n_known = len(self.scores), int(self.is_known.sum())
        if self.known_share is None:
            return np.ones(n)
        known, unknown = self.known_share * n / n_known, (1 - self.known_share) * n / (n - n_known)
        return np.where(self.is_known, known, unknown)


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions for n photos whose tags are known, all of different content and with at least one true tag.

    `truth`: (n, n_tags) bool; `scores`: (n, n_tags) float32 in 0..1; `abstained`: (n,) bool, photos too unlike the
    library to be tagged. `folds`: (n,) int32, the model that predicted each. `thresholds`: (n_precisions, n_models,
    n_tags) float32, the score from which each model predicts a tag at each of the target `precisions`.
    `notes`: sentences on what was scored and what was excluded; `n_unreadable`: photos that could not be read;
    `condition`: what the scores are given, a sentence; "" for none. `best_tags`: of photos of known and of unknown
    kinds.
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
    condition: str = ""
    best_tags: BestTags | None = None

    def __post_init__(self) -> None:
        n, n_tags = self.truth.shape
        if n == 0 or n_tags != len(self.vocabulary) or not self.truth.any(axis=1).all():
            raise ValueError("there must be photos, one column a tag, and at least one true tag a photo")
        if self.scores.shape != (n, n_tags) or self.abstained.shape != (n,) or self.folds.shape != (n,):
            raise ValueError("truth, scores, abstained and folds differ in shape")
        if self.thresholds.shape != (len(self.precisions), int(self.folds.max()) + 1, n_tags):
            raise ValueError("thresholds must have one value for each precision, model and tag")
        freeze(self)

    @property
    def n_photos(self) -> int:
        return len(self.truth)

    @property
    def one_tag_a_photo(self) -> bool:
        return bool((self.truth.sum(axis=1) == 1).all())

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
    what = plural(len(demoted), "tag is demoted", "tags are demoted")
    scored = "it scores its share" if len(demoted) == 1 else "each scores its share"
    return (f"{what}, as found at the fit ({shown}{more}): {scored} of the tagged photos.",)
