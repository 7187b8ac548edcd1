"""The sharpness of a library's photos, measured once and stored in the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from clustertags.errors import UnreadablePhotoError
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import FittedLibrary
from clustertags.photos.decoding import decode_thumbnail
from clustertags.photos.sharpness import measure_sharpness
from clustertags.types import Progress, no_progress

SHARPNESS_PIXELS = 512
_KEPT_AT_ONCE = 200


def sharpness_of(
    library: FittedLibrary, photos: Iterable[int], catalogue: Catalogue, progress: Progress = no_progress
) -> dict[str, float]:
    """The sharpness of these photos by content hash, read from the catalogue, or measured on a picture of at most 512
    pixels a side and stored there, where it can be written. Photos that cannot be read are skipped.
    """
    stored = catalogue.sharpness()
    requested = [library.photos[photo] for photo in photos]
    missing = [photo for photo in requested if photo.content_hash not in stored]
    fresh: dict[str, float] = {}
    for done, photo in enumerate(missing, start=1):
        for path in photo.paths:
            try:
                fresh[photo.content_hash] = measure_sharpness(decode_thumbnail(library.root / path, SHARPNESS_PIXELS))
                break
            except UnreadablePhotoError:
                continue
        if done % _KEPT_AT_ONCE == 0 and not catalogue.is_read_only:
            catalogue.record_sharpness(fresh)
        progress("Measuring sharpness", done, len(missing))
    if fresh and not catalogue.is_read_only:
        catalogue.record_sharpness(fresh)
    stored.update(fresh)
    return {photo.content_hash: stored[photo.content_hash] for photo in requested if photo.content_hash in stored}
