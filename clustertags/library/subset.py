"""A library without its hidden photos, for pages that are shown to others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clustertags.library.model import FittedLibrary
from clustertags.types import Clusters


def without_hidden(library: FittedLibrary) -> FittedLibrary:
    """The library as if its hidden photos did not exist; without a tag model, which contains all photos."""
    if not len(library.hidden):
        return library
    kept = np.flatnonzero(library.visible())
    index = np.full(library.n_photos, -1, np.int32)
    index[kept] = np.arange(len(kept), dtype=np.int32)
    clusters, seeds = library.clusters, library.seeds
    return replace(
        library,
        photos=tuple(library.photos[photo] for photo in kept.tolist()),
        space=library.space[kept],
        map=library.map[kept],
        clusters=Clusters(
            clusters.labels[kept],
            clusters.probabilities[kept],
            clusters.noise[kept],
            index[clusters.medoids],
            clusters.stability,
            clusters.parents,
        ),
        seeds=replace(seeds, photos=index[seeds.photos], none=index[seeds.none]),
        tag_model=None,
        top_tags=library.top_tags.take(kept),
        neighbours=None,
        base=None,
        hidden=np.zeros(0, np.int32),
        duplicate_groups=None if library.duplicate_groups is None else library.duplicate_groups[kept],
        n_added=int((kept >= library.n_fitted).sum()),
    )
