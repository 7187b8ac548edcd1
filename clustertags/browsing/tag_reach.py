"""Number of photos and clusters with each tag of a library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustertags.library.model import FittedLibrary
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.tagging.top_tags import TopTags
from clustertags.types import Int32


@dataclass(frozen=True, slots=True)
class TagReach:
    """`n_own`: photos labelled with the tag; `n_photos`: photos labelled with it or with a score of at least
    `min_score`; `n_best`: photos of which it is the best predicted tag, demoted ones apart; `n_clusters`: clusters with
    it among their tags; `demoted`: the reason for demoting it, or "".
    """

    tag: str
    n_own: int
    n_photos: int
    n_best: int
    n_clusters: int
    demoted: str


def tag_reach(library: FittedLibrary, min_score: float = MIN_SCORE) -> tuple[TagReach, ...]:
    """Every tag of the vocabulary by decreasing `n_photos`, ties in the vocabulary's order."""
    seeds, top = library.seeds, library.top_tags
    n_tags = len(seeds.vocabulary)
    own = seeds.matrix.sum(axis=0)
    reached = (top.tags >= 0) & (top.scores >= np.float32(min_score))
    counts = np.bincount(top.tags[reached], minlength=n_tags)
    n_best = np.bincount(_best(library.informative_top_tags(), min_score), minlength=n_tags)
    # A label counts whatever its score: add those below the minimum score.
    rows, columns = np.nonzero(seeds.matrix)
    photos = seeds.photos[rows]
    known = ((top.tags[photos] == columns[:, None]) & reached[photos]).any(axis=1)
    counts = counts + np.bincount(columns[~known], minlength=n_tags)
    clusters: dict[str, int] = {}
    for description in library.descriptions:
        for tag, _ in description.tags:
            clusters[tag] = clusters.get(tag, 0) + 1
    order = np.argsort(-counts, kind="stable").tolist()
    return tuple(
        TagReach(
            tag := seeds.vocabulary[at],
            int(own[at]),
            int(counts[at]),
            int(n_best[at]),
            clusters.get(tag, 0),
            library.demoted.get(tag, ""),
        )
        for at in order
    )


def _best(top: TopTags, min_score: float) -> Int32:
    """The best tag of each photo that has one."""
    if not top.tags.shape[1]:
        return np.zeros(0, np.int32)
    return np.asarray(top.tags[(top.tags[:, 0] >= 0) & (top.scores[:, 0] >= np.float32(min_score)), 0])
