"""The user's rules and rejected tags, applied to the scores of photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.rules import Rules, ancestor_columns, raise_parents
from clustertags.tagging.model import TagScores
from clustertags.types import Int32

SAID_NONE = "you said that it shows none of the tags"


@dataclass(frozen=True, slots=True)
class ScoreRules:
    """`columns`: normalised tag to its column; `ancestors`: see `ancestor_columns`; `rejected`: content hash to
    normalised tags; `none`: indices of the fitted photos that show none of the tags.
    """

    columns: Mapping[str, int]
    ancestors: NDArray[np.intp]
    rejected: Mapping[str, tuple[str, ...]]
    none: Int32

    @classmethod
    def of(
        cls, vocabulary: Sequence[str], rules: Rules, rejected: Mapping[str, tuple[str, ...]], none: Int32
    ) -> ScoreRules:
        columns = {normalise_tag(tag): at for at, tag in enumerate(vocabulary)}
        return cls(columns, ancestor_columns(vocabulary, rules), rejected, none)

    def apply(self, scores: TagScores, content_hashes: Sequence[str], photos: NDArray[np.integer]) -> TagScores:
        """The scores with each parent at least as high as its children, and 0 for tags rejected for the photo.

        `photos`: (n,) the index of each among the fitted ones, -1 for others.
        """
        kept = raise_parents(scores.scores, self.ancestors)
        if self.rejected:
            kept = kept.copy()
            for row, content_hash in enumerate(content_hashes):
                tags = self.rejected.get(content_hash, ())
                kept[row, [self.columns[tag] for tag in tags if tag in self.columns]] = 0
        denied = np.isin(photos, self.none)
        if not denied.any():
            return replace(scores, scores=kept)
        reasons = tuple(
            SAID_NONE if flag else reason for flag, reason in zip(denied.tolist(), scores.reasons, strict=True)
        )
        kept = np.where(denied[:, None], np.float32(0), kept)
        return replace(scores, scores=kept, abstained=scores.abstained | denied, reasons=reasons)
