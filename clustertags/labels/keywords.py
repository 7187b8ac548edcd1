"""Keywords of photos as tags: from inside the files and from sidecars next to them."""

from __future__ import annotations

from collections.abc import Mapping

from clustertags.photos.keywords import read_keywords, read_sidecar
from clustertags.types import PhotoSet


def gather_keywords(photos: PhotoSet, inside: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Keywords by content hash, a sidecar's first; `inside`: those in the photos themselves, by content hash."""
    sidecars = {file.path.lower() for file in photos.skipped if file.path.lower().endswith(".xmp")}
    found = dict(inside)
    for photo in photos.photos if sidecars else ():
        for path in photo.files:
            names = {f"{path}.xmp".lower(), f"{path.rpartition('.')[0]}.xmp".lower()}
            if names & sidecars and (sidecar := read_sidecar(photos.root / path)):
                keywords = read_keywords(b"", sidecar)
                found[photo.content_hash] = tuple(dict.fromkeys((*keywords, *found.get(photo.content_hash, ()))))
    return found
