"""The pictures of a set, decoded on access; methods do not see their file names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from clustertags.photos.decoding import decode_thumbnail, quiet_decoding

SIDE_PIXELS = 384
"""Long side of decoded pictures: enough for a crop of 224, and for local descriptors."""


@dataclass(frozen=True, slots=True)
class FolderPictures:
    """Pictures of files, in the order of a set; `hashes`: of their contents.

    Raises `UnreadablePhotoError` on access to a file that has been removed.
    """

    _files: tuple[Path, ...]
    hashes: tuple[str, ...]
    side_pixels: int = SIDE_PIXELS

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Image.Image:
        with quiet_decoding():
            return decode_thumbnail(self._files[index], self.side_pixels)

    def digest(self, index: int) -> str:
        """A key of the picture's content, without decoding it."""
        return f"{self.hashes[index]}-{self.side_pixels}"

    def take(self, rows: Sequence[int]) -> FolderPictures:
        """These pictures alone, in this order."""
        return FolderPictures(
            tuple(self._files[row] for row in rows), tuple(self.hashes[row] for row in rows), self.side_pixels
        )
