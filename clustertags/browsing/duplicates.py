"""Near-duplicates: frames of a burst and re-encoded copies, grouped with the sharpest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clustertags.library.model import FittedLibrary
from clustertags.neighbours import N_VOTERS, nearest

LEAST_COSINE = 0.98
"""In the PCA space. On three sets of labelled photos every pair with a cosine of features above 0.98 is above this too,
and so are pairs that show the same scene from nearly the same position."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """`photos`: indices, sharpest first, those of unknown sharpness last and by path; `sharpness` of each."""

    photos: tuple[int, ...]
    sharpness: tuple[float | None, ...]


def near_duplicates(
    library: FittedLibrary, sharpness: Mapping[str, float] | None = None, *, least_cosine: float = LEAST_COSINE
) -> tuple[DuplicateGroup, ...]:
    """Groups of two photos or more, largest first: the connected components of the graph of nearest neighbours with a
    cosine above `least_cosine`. `sharpness`: see `library.sharpness`. Hidden photos are excluded.
    """
    found = library.neighbours or nearest(library.space, library.space, N_VOTERS, exclude_self=True)
    rows, places = np.nonzero(found.similarities > np.float32(least_cosine))
    others = found.indices[rows, places]
    shown = library.visible()
    kept = shown[rows] & shown[others]
    groups = _connected(np.stack([rows[kept], others[kept]], axis=1), library.n_photos)
    known = sharpness or {}
    return tuple(_group(library, members, known) for members in groups)


def _connected(pairs: np.ndarray, n_photos: int) -> list[list[int]]:
    """Connected groups of the photos in (n_pairs, 2), largest first, ties by the first photo."""
    if not len(pairs):
        return []
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    ones = np.ones(len(pairs), np.bool_)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n_photos, n_photos))
    group_of = connected_components(graph, directed=False)[1]
    members = np.unique(pairs)
    groups: dict[int, list[int]] = {}
    for photo, group in zip(members.tolist(), group_of[members].tolist(), strict=True):
        groups.setdefault(group, []).append(photo)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def _group(library: FittedLibrary, members: Sequence[int], sharpness: Mapping[str, float]) -> DuplicateGroup:
    measured = {photo: sharpness.get(library.photos[photo].content_hash) for photo in members}
    order = sharpest_first(library, members, sharpness)
    return DuplicateGroup(tuple(order), tuple(measured[photo] for photo in order))


def sharpest_first(library: FittedLibrary, photos: Iterable[int], sharpness: Mapping[str, float]) -> list[int]:
    """The photos by decreasing sharpness, those of unknown sharpness last; ties keep their order."""
    return sorted(photos, key=lambda photo: -sharpness.get(library.photos[photo].content_hash, -1.0))
