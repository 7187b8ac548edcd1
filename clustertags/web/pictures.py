"""Pictures of the library's photos by content hash: thumbnails, which are cached on disk, and larger ones."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clustertags.errors import UnreadablePhotoError
from clustertags.library.artifacts import Artifacts
from clustertags.pages.thumbnails import SIDE_PIXELS, encode, thumbnail_href, write_thumbnail
from clustertags.photos.decoding import thumbnail_of
from clustertags.photos.files import DecodeLimits, read_file
from clustertags.support.cores import usable_cores
from clustertags.types import Photo

LARGE_PIXELS = 1600


class Pictures:
    """Makes and caches pictures. Photos are looked up by content hash, never by a path that a client sent."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._kept = artifacts.folder
        self._gallery = artifacts.gallery
        self._limits = DecodeLimits()
        self._threads = ThreadPoolExecutor(usable_cores(), thread_name_prefix="picture")

    def thumbnail(self, photo: Photo, root: Path) -> bytes | None:
        """A WebP of at most 256 pixels; None where no file of the photo can be read any longer."""
        href = thumbnail_href(photo.content_hash)
        for folder in (self._gallery, self._kept):
            try:
                return (folder / href).read_bytes()
            except OSError:
                continue
        made = self._threads.submit(self._make, photo, root, SIDE_PIXELS).result()
        if made is not None:
            self._keep(self._kept / href, made)
        return made

    def large(self, photo: Photo, root: Path) -> bytes | None:
        """A WebP of at most 1600 pixels without metadata, made again for each request."""
        return self._threads.submit(self._make, photo, root, LARGE_PIXELS).result()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _make(self, photo: Photo, root: Path, side_pixels: int) -> bytes | None:
        for path in photo.paths:
            try:
                data = read_file(root / path, self._limits)
                # A file that changed since the fit is another photo.
                if hashlib.sha256(data).hexdigest() == photo.content_hash:
                    return encode(thumbnail_of(data, side_pixels, self._limits))
            except UnreadablePhotoError:
                continue
        return None

    def _keep(self, target: Path, content: bytes) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_thumbnail(target, content)
        except OSError:  # a full or read-only disk: the picture is made again for the next request
            return
