"""Small WebP copies of the photos, named by content hash, without metadata."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.decoding import decode_thumbnail, quiet_decoding
from clustertags.support.cores import usable_cores
from clustertags.support.files import link_or_copy
from clustertags.types import Photo, Progress, no_progress

THUMBNAIL_FOLDER = "thumbs"
SIDE_PIXELS = 256
QUALITY = 75
# At 256 pixels libwebp's method 2 takes half the time of its default 4 (5.2 and 10.6 ms); the files are 3 % larger.
METHOD = 2

_CONTENT_HASH = re.compile(r"[0-9a-f]{8,128}")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """`href` is relative to the site's first page; the sizes are in pixels."""

    href: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ThumbnailReport:
    """`thumbnails[i]` belongs to photo i, None where it could not be decoded."""

    thumbnails: tuple[Thumbnail | None, ...]
    n_made: int
    n_reused: int


def thumbnail_href(content_hash: str) -> str:
    """`thumbs/ab/abcd....webp`; only hexadecimal digits ever reach the name."""
    if not _CONTENT_HASH.fullmatch(content_hash):
        raise ValueError(f"not a content hash: {content_hash!r}")
    return f"{THUMBNAIL_FOLDER}/{content_hash[:2]}/{content_hash}.webp"


def make_thumbnails(
    photos: Sequence[Photo], root: Path, site: Path, earlier: Path, *, progress: Progress = no_progress
) -> ThumbnailReport:
    """Put the thumbnail of every photo into `site`: kept if it exists, else linked from the gallery `earlier`, else
    made from the first of the photo's files under `root` that can be decoded.
    """
    for folder in {Path(thumbnail_href(photo.content_hash)).parent for photo in photos}:
        (site / folder).mkdir(parents=True, exist_ok=True)
    thumbnails: list[Thumbnail | None] = []
    n_reused = 0
    executor = ThreadPoolExecutor(max_workers=usable_cores(), thread_name_prefix="thumbnail")
    try:
        # Warnings are filtered for the whole process, so around all threads rather than in each.
        with quiet_decoding():
            results = executor.map(lambda photo: _make_or_reuse(photo, root, site, earlier), photos)
            for done, (thumbnail, reused) in enumerate(results, start=1):
                thumbnails.append(thumbnail)
                n_reused += reused
                progress("Making thumbnails", done, len(photos))
    finally:
        executor.shutdown(cancel_futures=True)
    n_missing = thumbnails.count(None)
    return ThumbnailReport(tuple(thumbnails), len(thumbnails) - n_missing - n_reused, n_reused)


def remove_stale_thumbnails(photos: Sequence[Photo], site: Path) -> None:
    """Delete the thumbnails of `site` that belong to none of `photos`."""
    current = {site / thumbnail_href(photo.content_hash) for photo in photos}
    for folder in (site / THUMBNAIL_FOLDER).glob("*"):
        for file in folder.iterdir():
            if file not in current:
                file.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()


def _make_or_reuse(photo: Photo, root: Path, site: Path, earlier: Path) -> tuple[Thumbnail | None, bool]:
    """The thumbnail, and whether it existed before."""
    href = thumbnail_href(photo.content_hash)
    target = site / href
    size = _size_of(target)
    if size is None and (size := _size_of(earlier / href)) is not None:
        _link(earlier / href, target)
    if size is not None:
        return Thumbnail(href, *size), True
    for path in photo.paths:
        try:
            image = decode_thumbnail(root / path, SIDE_PIXELS)
        except UnreadablePhotoError:
            continue
        write_thumbnail(target, encode(image))
        return Thumbnail(href, *image.size), False
    return None, False


def encode(image: Image.Image) -> bytes:
    """WebP without EXIF, ICC or XMP, whatever the image carries."""
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=METHOD, exif=b"", icc_profile=b"", xmp=b"")
    return buffer.getvalue()


def _size_of(file: Path) -> tuple[int, int] | None:
    """Width and height of a complete thumbnail; None if it has to be made."""
    try:
        with Image.open(file, formats=["WEBP"]) as image:
            return image.size
    except (OSError, UnidentifiedImageError):
        return None


def _link(source: Path, target: Path) -> None:
    """Hard-link `source` to `target`, or copy it."""
    target.unlink(missing_ok=True)
    link_or_copy(source, target)


def write_thumbnail(target: Path, content: bytes) -> None:
    """Write the file atomically, also if several threads write it at once. Raises `OSError`."""
    temporary = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    temporary.write_bytes(content)
    temporary.replace(target)
