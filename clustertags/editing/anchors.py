"""Identification of a cluster across refits, by a sketch of its photos.

Cluster numbers change in a refit, and a list of ten thousand members in each edit is too long. The sketch keeps the
members whose content hashes are smallest, which is a random sample drawn alike from every cluster (bottom-k sketch;
Broder 1997): the Jaccard similarity of two clusters is estimated among the photos below the sketch's largest hash, and
is exact where the sketch holds all members. With 256 hashes its standard error is at most 0.03.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SKETCH_PHOTOS = 256
HASH_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class ClusterAnchor:
    """`name` and `n_photos` at the time of the edit; `sketch`: the smallest content hashes of the members, each cut
    to its first 16 characters, ascending, at most 256.
    """

    name: str
    n_photos: int
    sketch: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return len(self.sketch) == self.n_photos

    @property
    def last(self) -> str:
        """The largest sampled hash: photos with larger ones were not sampled."""
        return "g" if self.is_whole or not self.sketch else self.sketch[-1]


def short_hash(content_hash: str) -> str:
    return content_hash[:HASH_CHARACTERS]


def anchor_of(name: str, content_hashes: Iterable[str]) -> ClusterAnchor:
    """The anchor of a cluster of this name with these members."""
    shortened = sorted(map(short_hash, content_hashes))
    return ClusterAnchor(name, len(shortened), tuple(shortened[:SKETCH_PHOTOS]))
