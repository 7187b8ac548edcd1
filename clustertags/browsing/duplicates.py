"""Near-duplicates: frames of a burst, copies saved anew, grouped with the sharpest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from clustertags.clustering.assignment import nearest
from clustertags.errors import UnreadablePhotoError
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import FittedLibrary
from clustertags.photos.decoding import decode_thumbnail
from clustertags.types import Progress, no_progress

LEAST_COSINE = 0.98
"""In the PCA space. On three sets of labelled photos every pair of photos whose features have a cosine above 0.98 is
above this too; so are others that show the same from nearly the same place."""

SHARPNESS_PIXELS = 512
_NEIGHBOURS = 15
_KEPT_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """`photos`: indices, sharpest first, those of unknown sharpness last and by path; `sharpness` of each."""

    photos: tuple[int, ...]
    sharpness: tuple[float | None, ...]


def near_duplicates(
    library: FittedLibrary, sharpness: Mapping[str, float] | None = None, *, least_cosine: float = LEAST_COSINE
) -> tuple[DuplicateGroup, ...]:
    """All groups of two photos or more, largest first; photos are in one group where they, or others between them, are
    nearest neighbours with a cosine above `least_cosine`. `sharpness`: see `sharpness_of`. Hidden photos are left out.
    """
    near = library.neighbours or nearest(library.space, library.space, _NEIGHBOURS, exclude_self=True)
    rows, places = np.nonzero(near.similarities > np.float32(least_cosine))
    others = near.indices[rows, places]
    shown = library.visible()
    kept = shown[rows] & shown[others]
    groups = _linked(np.stack([rows[kept], others[kept]], axis=1), library.n_photos)
    known = sharpness or {}
    return tuple(_group(library, members, known) for members in groups)


def _linked(pairs: np.ndarray, n_photos: int) -> list[list[int]]:
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
    """The photos by falling sharpness, those of unknown sharpness last; equals keep their order."""
    return sorted(photos, key=lambda photo: -sharpness.get(library.photos[photo].content_hash, -1.0))


def measure_sharpness(image: Image.Image) -> float:
    """Variance of the Laplacian of the luminance, 0 for a picture of fewer than 3 pixels a side.

    After Pech-Pacheco et al. (2000). It grows with detail, so it compares pictures of the same thing and size alone.
    """
    grey = np.asarray(image.convert("L"), np.float32)
    if min(grey.shape) < 3:
        return 0.0
    sides = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((sides - 4 * grey[1:-1, 1:-1]).var(dtype=np.float64))


def sharpness_of(
    library: FittedLibrary, photos: Iterable[int], catalogue: Catalogue, progress: Progress = no_progress
) -> dict[str, float]:
    """The sharpness of these photos by content hash, from the catalogue where it is known, else measured on a
    picture of at most 512 pixels a side and kept there. Photos that cannot be read are left out.
    """
    known = catalogue.sharpness()
    wanted = [library.photos[photo] for photo in photos]
    missing = [photo for photo in wanted if photo.content_hash not in known]
    fresh: dict[str, float] = {}
    for done, photo in enumerate(missing, start=1):
        for path in photo.paths:
            try:
                fresh[photo.content_hash] = measure_sharpness(decode_thumbnail(library.root / path, SHARPNESS_PIXELS))
                break
            except UnreadablePhotoError:
                continue
        if done % _KEPT_AT_ONCE == 0:
            catalogue.record_sharpness(fresh)
        progress("Measuring sharpness", done, len(missing))
    if fresh:
        catalogue.record_sharpness(fresh)
    known.update(fresh)
    return {photo.content_hash: known[photo.content_hash] for photo in wanted if photo.content_hash in known}
