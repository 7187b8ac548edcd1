"""Formats of photos, recognised by a file's first bytes, and reading files that may be hostile."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clustertags.errors import UnreadablePhotoError, UsageError
from clustertags.photos.raw_previews import is_raw_signature

MEBIBYTE = 1 << 20
HEADER_BYTES = 32

RAW_SUFFIXES = frozenset(
    {".dng", ".gpr", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".raf", ".orf", ".rw2", ".rwl", ".pef", ".srw"}
    | {".3fr", ".crw", ".dcr", ".erf", ".iiq", ".kdc", ".mef", ".mrw", ".sr2", ".srf", ".x3f"}
)
"""RAW files. Of the first line the preview is read; the others only where they are laid out like one of these."""

# A file with one of these suffixes is a photo by its name: if it cannot be read, it is counted as unreadable.
PHOTO_SUFFIXES = RAW_SUFFIXES | frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".avif"}
    | {".heic", ".heif", ".hif"}
)

VIDEO_SUFFIXES = frozenset(
    {".mov", ".mp4", ".m4v", ".avi", ".mkv", ".webm", ".wmv", ".flv", ".3gp", ".3g2", ".mts", ".m2ts", ".mpg"}
    | {".mpeg", ".vob", ".ogv", ".insv", ".lrv"}
)
"""Videos, which are left alone unread."""

VIDEO_REASON = "a video, which is left alone"

_SIGNATURES = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}
_BITMAP_HEADER_BYTES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_NO_PERMISSION = "no permission to read it"
_GONE = "its disk or network share is gone"
_OS_REASONS = {
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.ENOENT: "there is no such file",
    errno.ELOOP: "a link, not a file",
    errno.ENAMETOOLONG: "its name has more bytes than this system allows, mostly 255",
    errno.EIO: "the disk could not read it",
    **dict.fromkeys((errno.ENOTCONN, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT, errno.EHOSTDOWN), _GONE),
    **dict.fromkeys((getattr(errno, "ESTALE", errno.ENODEV),), _GONE),
}
GONE_REASONS = frozenset({_OS_REASONS[errno.ENOENT], _OS_REASONS[errno.EIO], _GONE})
"""Why a file is skipped whose disk may have vanished."""
PASSING_REASONS = GONE_REASONS | {_NO_PERMISSION}
"""Why a file is skipped that may be read the next time, though its size and time are the same."""

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Limits checked before a file is decoded.

    Parameters
    ----------
    max_file_bytes : int
        Larger files are skipped.
    max_pixels : int
        Larger pictures are skipped, by the width and height that their header states.
    max_seconds : float
        A photo that takes longer to decode is skipped, where photos are decoded in processes of their own.

    Raises
    ------
    UsageError
        Where a limit is not positive.

    Examples
    --------
    >>> clustertags.DecodeLimits(max_pixels=50_000_000).max_file_bytes
    536870912
    """

    max_file_bytes: int = 512 * MEBIBYTE
    max_pixels: int = 180_000_000
    max_seconds: float = 120.0

    def __post_init__(self) -> None:
        if self.max_file_bytes < 1 or self.max_pixels < 1 or self.max_seconds <= 0:
            raise UsageError("the limits on file size, pixels and seconds must be positive")


def sniff_format(head: bytes) -> str | None:
    """Pillow's name of the format with the signature in `head`, the first `HEADER_BYTES`, or None.

    A RAW file is "RAW", or "TIFF" where only its directories tell it from one.
    """
    if is_raw_signature(head):
        return "RAW"
    for name, signatures in _SIGNATURES.items():
        if head.startswith(signatures):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _iso_media_format(head)
    # "BM" alone is too short a signature: the size of the header that follows must be one that exists.
    is_bitmap = head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BITMAP_HEADER_BYTES
    return "BMP" if is_bitmap else None


def _iso_media_format(head: bytes) -> str | None:
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, len(head) - 3, 4))]
    if any(brand in _AVIF_BRANDS for brand in brands):
        return "AVIF"
    return "HEIF" if any(brand in _HEIF_BRANDS for brand in brands) else None


def has_photo_suffix(path: str) -> bool:
    return Path(path).suffix.lower() in PHOTO_SUFFIXES


def has_video_suffix(path: str) -> bool:
    return Path(path).suffix.lower() in VIDEO_SUFFIXES


def size_reason(size_bytes: int, limits: DecodeLimits) -> str | None:
    """The reason to refuse a file of this size, or None."""
    if size_bytes == 0:
        return "the file is empty"
    if size_bytes > limits.max_file_bytes:
        return (
            f"the file has {size_bytes / MEBIBYTE:,.0f} MiB and the limit is "
            f"{limits.max_file_bytes / MEBIBYTE:,.0f} MiB (raise it with --max-file-size)"
        )
    return None


def open_file(path: Path, limits: DecodeLimits, *, follow_links: bool = False) -> BinaryIO:
    """Open a regular file, as `read_file` does. Raises `UnreadablePhotoError`."""
    try:
        if not stat.S_ISREG(path.stat(follow_symlinks=follow_links).st_mode):
            raise UnreadablePhotoError("not a regular file")
        file = os.fdopen(_open_for_reading(path, follow_links), "rb")
    except OSError as error:
        raise UnreadablePhotoError(_os_reason(error)) from error
    except ValueError as error:  # a NUL in the name
        raise UnreadablePhotoError("the name is not a file name") from error
    status = os.fstat(file.fileno())
    reason = size_reason(status.st_size, limits) if stat.S_ISREG(status.st_mode) else "not a regular file"
    if reason:
        file.close()
        raise UnreadablePhotoError(reason)
    return file


def read_file(path: Path, limits: DecodeLimits, *, follow_links: bool = False) -> bytes:
    """Return the bytes of a regular file.

    Never opens a pipe or a device for reading, follows links only with `follow_links`, and never reads past the limit.
    Raises `UnreadablePhotoError` with the reason.
    """
    try:
        with open_file(path, limits, follow_links=follow_links) as file:
            data = file.read(limits.max_file_bytes + 1)
    except OSError as error:
        raise UnreadablePhotoError(_os_reason(error)) from error
    if reason := size_reason(len(data), limits):
        raise UnreadablePhotoError(reason)
    return data


def _open_for_reading(path: Path, follow_links: bool) -> int:
    """A descriptor that cannot block on a pipe; without updating the access time, where the system allows it."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if not follow_links:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # O_NOATIME is for the owner only, or the photo may not be read at all
        return os.open(path, flags)


def _os_reason(error: OSError) -> str:
    return _OS_REASONS.get(error.errno or 0, (error.strerror or type(error).__name__).lower())


def may_be_photo(path: str | os.PathLike[str]) -> bool:
    """Whether a file has the suffix or the signature of a photo."""
    if has_photo_suffix(os.fspath(path)):
        return True
    try:
        with Path(path).open("rb") as file:
            return sniff_format(file.read(HEADER_BYTES)) is not None
    except (OSError, ValueError):
        return False
