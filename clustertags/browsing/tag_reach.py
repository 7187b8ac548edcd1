"""Number of photos and clusters with each tag of a library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustertags.library.model import FittedLibrary


@dataclass(frozen=True, slots=True)
class TagReach:
    """`n_own`: photos labelled with the tag; `n_photos`: photos labelled with it or with a score of at least
    `min_score`; `n_best`: photos with it as best tag, demoted ones apart; `n_clusters`: clusters with it among
    their tags; `demoted`: the reason for demoting it, or "".
    """

    tag: str
    n_own: int
    n_photos: int
    n_best: int
    n_clusters: int
    demoted: str


def tag_reach(library: FittedLibrary, min_score: float = 0.5) -> tuple[TagReach, ...]:
    """Every tag of the vocabulary by decreasing `n_photos`, ties in the vocabulary's order."""
    seeds, top = library.seeds, library.top_tags
    n_tags = len(seeds.vocabulary)
    own = seeds.matrix.sum(axis=0)
    reached = (top.tags >= 0) & (top.scores >= np.float32(min_score))
    counts = np.bincount(top.tags[reached], minlength=n_tags)
    best = library.informative_top_tags().tags[:, 0] if top.tags.shape[1] else np.zeros(0, np.int32)
    n_best = np.bincount(best[best >= 0], minlength=n_tags)
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
