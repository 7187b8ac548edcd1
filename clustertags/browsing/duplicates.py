"""Near-duplicates: copies of a photo and frames of a burst, grouped with the sharpest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.library.model import FittedLibrary
from clustertags.near_duplicates.by_features import NEAR_DUPLICATE
from clustertags.near_duplicates.groups import NO_GROUP, groups_about_hubs
from clustertags.neighbours import N_VOTERS, nearest
from clustertags.types import Int32


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """`photos`: indices, sharpest first, those of unknown sharpness last and by path; `sharpness` of each."""

    photos: tuple[int, ...]
    sharpness: tuple[float | None, ...]


def near_duplicates(
    library: FittedLibrary, sharpness: Mapping[str, float] | None = None, *, least_cosine: float | None = None
) -> tuple[DuplicateGroup, ...]:
    """Groups of two photos or more that show the same, largest first. `sharpness`: see `library.sharpness`.

    They are those that the fit found by small pictures and features. In a library of an earlier version, and where
    `least_cosine` is given, they are the photos whose cosine in the PCA space with one photo, the group's hub, is above
    it (0.98 if None). Hidden photos are excluded.
    """
    groups = library.duplicate_groups
    if groups is None or least_cosine is not None:
        groups = _by_cosine(library, NEAR_DUPLICATE if least_cosine is None else least_cosine)
    shown = np.flatnonzero(library.visible() & (groups != NO_GROUP))
    members: dict[int, list[int]] = {}
    for photo, group in zip(shown.tolist(), groups[shown].tolist(), strict=True):
        members.setdefault(group, []).append(photo)
    several = sorted((own for own in members.values() if len(own) > 1), key=lambda own: (-len(own), own[0]))
    known = sharpness or {}
    return tuple(_group(library, own, known) for own in several)


def _by_cosine(library: FittedLibrary, least: float) -> Int32:
    """(n_photos,) int32: groups of visible photos by their cosines alone."""
    space = library.space
    found = library.neighbours or nearest(space, space, N_VOTERS, exclude_self=True)
    rows, places = np.nonzero(found.similarities > np.float32(least))
    others = found.indices[rows, places].astype(np.intp)
    shown = library.visible()
    kept = shown[rows] & shown[others]

    def same(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.bool_]:
        return np.asarray(np.einsum("ij,ij->i", space[first], space[second]) > np.float32(least))

    return groups_about_hubs(rows[kept], others[kept], library.n_photos, same)


def _group(library: FittedLibrary, members: Sequence[int], sharpness: Mapping[str, float]) -> DuplicateGroup:
    measured = {photo: sharpness.get(library.photos[photo].content_hash) for photo in members}
    order = sharpest_first(library, members, sharpness)
    return DuplicateGroup(tuple(order), tuple(measured[photo] for photo in order))


def sharpest_first(library: FittedLibrary, photos: Iterable[int], sharpness: Mapping[str, float]) -> list[int]:
    """The photos by decreasing sharpness, those of unknown sharpness last; ties keep their order."""
    return sorted(photos, key=lambda photo: -sharpness.get(library.photos[photo].content_hash, -1.0))
