"""The photos of a set as pictures, decoded when a method asks for them; which files they are is not told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from clustertags.photos.decoding import decode_thumbnail, quiet_decoding

SIDE_PIXELS = 384
"""The long side that methods are given: enough for a crop of 224, and for local descriptors."""


@dataclass(frozen=True, slots=True)
class FolderPictures:
    """Pictures of files on the disk, in the order of a set; `hashes` name their contents.

    Raises `UnreadablePhotoError` where a file has gone.
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
        """What names the picture, without decoding it."""
        return f"{self.hashes[index]}-{self.side_pixels}"

    def take(self, rows: Sequence[int]) -> FolderPictures:
        """These pictures alone, in this order."""
        return FolderPictures(
            tuple(self._files[row] for row in rows), tuple(self.hashes[row] for row in rows), self.side_pixels
        )
