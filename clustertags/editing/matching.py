"""Match the photos and clusters of an edit to those of a refit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from clustertags.editing.anchors import HASH_CHARACTERS, ClusterAnchor
from clustertags.types import UNCLUSTERED, Bool, Int32, Photo

LEAST_JACCARD = 1 / 3
"""A cluster is the one that an edit names if their photos' Jaccard similarity is the largest of all and at least this:
for clusters of one size, if they share half of their photos.
"""

LEAST_WITHIN = 0.5
"""A cluster belongs to those that were merged, split or hidden if more than this share of its photos came from them."""


class PhotoTable:
    """The photos of a library by content hash, and which clusters an anchor names among them.

    `joined`: content hash to the number of the journal's last row when the photo joined, where that was not 0. Photos
    that joined after an edit are ignored when its clusters are matched: they are no evidence of the former clusters.
    """

    def __init__(self, photos: Sequence[Photo], joined: Mapping[str, int]) -> None:
        self._codes = _codes([photo.content_hash for photo in photos])
        self._order = np.argsort(self._codes, kind="stable")
        self._sorted = self._codes[self._order]
        self._joined = np.zeros(len(photos), np.int64)
        self._latest = max(joined.values(), default=0)
        for photo, number in zip(self.find(list(joined)).tolist(), joined.values(), strict=True):
            if photo >= 0:
                self._joined[photo] = number

    def find(self, hashes: Sequence[str]) -> NDArray[np.intp]:
        """The index of each photo, -1 where the library lacks it: (n,) intp."""
        if not len(self._codes) or not hashes:
            return np.full(len(hashes), -1, np.intp)
        codes = _codes(hashes)
        at = np.minimum(np.searchsorted(self._sorted, codes), len(self._sorted) - 1)
        return np.where(self._sorted[at] == codes, self._order[at], -1).astype(np.intp)

    def known_at(self, number: int) -> Bool:
        """(n_photos,) bool: which photos were in the library when the journal's row `number` was written."""
        return np.asarray(self._joined < number)

    def shares(self, anchor: ClusterAnchor, number: int, labels: Int32, n_labels: int) -> AnchorShares:
        """How each cluster of `labels` overlaps with the one that `anchor` names, in the journal's row `number`."""
        sampled = labels
        if self._latest >= number:
            sampled = np.where(self.known_at(number), sampled, np.int32(UNCLUSTERED))
        if not anchor.is_whole:
            below = self._codes <= _codes(anchor.sketch[-1:])[0]
            sampled = np.where(below, sampled, np.int32(UNCLUSTERED))
        members = self.find(anchor.sketch)
        members = members[members >= 0]
        return AnchorShares(
            np.bincount(sampled[members] + 1, minlength=n_labels + 1)[1:].astype(np.float64),
            np.bincount(sampled + 1, minlength=n_labels + 1)[1:].astype(np.float64),
            len(members),
        )


class AnchorShares:
    """`common`: (n_labels,) sampled photos that a cluster has in common with the anchor; `sizes`: (n_labels,) sampled
    photos of a cluster; `n_members`: sampled photos of the anchor that the library has.
    """

    def __init__(self, common: NDArray[np.float64], sizes: NDArray[np.float64], n_members: int) -> None:
        self._common, self._sizes, self._n_members = common, sizes, n_members

    def best(self) -> int | None:
        """The most similar cluster, None where none is similar enough; on ties the lower number."""
        if not len(self._common):
            return None
        jaccard = self._common / np.maximum(self._sizes + self._n_members - self._common, 1)
        best = int(jaccard.argmax())
        return best if jaccard[best] >= LEAST_JACCARD else None

    def within(self) -> NDArray[np.float64]:
        """(n_labels,) the share of each cluster's photos that came from the anchor's cluster."""
        return np.asarray(self._common / np.maximum(self._sizes, 1))


def _codes(hashes: Sequence[str]) -> NDArray[np.uint64]:
    """The first half of each hash as a number: (n,) uint64."""
    joined = bytes.fromhex("".join([content_hash[:HASH_CHARACTERS] for content_hash in hashes]))
    return np.frombuffer(joined, ">u8").astype(np.uint64)
