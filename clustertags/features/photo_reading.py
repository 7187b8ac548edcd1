"""From a file to the pixels that the network takes: read, hash, decode. Pure work of the processor, in any process."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clustertags.errors import UnreadablePhotoError
from clustertags.features.backbones import Preprocess
from clustertags.features.extracted_file import ExtractedFile
from clustertags.photos.blank import few_pixels, why_blank
from clustertags.photos.decoding import WHOLE_FRAME, decode_augmentations, open_photo
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import HEADER_BYTES, DecodeLimits, has_photo_suffix, read_file, size_reason, sniff_format
from clustertags.photos.keywords import read_keywords
from clustertags.types import SkippedFile


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """A photo between decoding and inference; `pixels`: (n_augmentations, crop, crop, 3), `size`: as stored."""

    file: FoundFile
    content_hash: str
    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    keywords: tuple[str, ...]
    blank: str


@dataclass(frozen=True, slots=True)
class PhotoReader:
    """Reads photos as a network takes them. `known`: content hashes whose features are stored already."""

    preprocess: Preprocess
    limits: DecodeLimits
    known: Collection[str] = frozenset()
    follow_links: bool = False

    def read(self, root: Path, file: FoundFile) -> ExtractedFile | DecodedPhoto:
        """The photo, or the outcome where there is nothing to infer: it cannot be read, or is known."""
        head = b""
        try:
            data = read_file(root / file.path, self.limits, follow_links=self.follow_links)
            head = data[:HEADER_BYTES]
            return self._decode(file, data)
        except UnreadablePhotoError as error:
            is_photo = has_photo_suffix(file.path) or sniff_format(head) is not None
            return ExtractedFile(file, skipped=SkippedFile(file.path, str(error), is_photo))

    def read_data(self, name: str, data: bytes) -> ExtractedFile | DecodedPhoto:
        """The same for one photo in memory, within the same limits; `name` stands for its path."""
        file = FoundFile(name, len(data), 0)
        try:
            if reason := size_reason(len(data), self.limits):
                raise UnreadablePhotoError(reason)
            return self._decode(file, data)
        except UnreadablePhotoError as error:
            is_photo = sniff_format(data[:HEADER_BYTES]) is not None
            return ExtractedFile(file, skipped=SkippedFile(name, str(error), is_photo))

    def _decode(self, file: FoundFile, data: bytes) -> ExtractedFile | DecodedPhoto:
        content_hash = hashlib.sha256(data).hexdigest()
        if content_hash in self.known:
            return ExtractedFile(file, content_hash, keywords=read_keywords(data))
        image = open_photo(data, self.limits)
        size = image.size
        steps = self.preprocess
        pixels = decode_augmentations(
            image, steps.resize_pixels, steps.crop_pixels, steps.interpolation, steps.n_augmentations
        )
        blank = few_pixels(*size) or self._why_blank(image, size, pixels)
        return DecodedPhoto(file, content_hash, pixels, size, read_keywords(image, None), blank)

    def _why_blank(self, image: Image.Image, size: tuple[int, int], pixels: NDArray[np.uint8]) -> str:
        """Judged by the centre crop, and where that is blank by the whole frame: its edges may show something."""
        steps = self.preprocess
        enlargement = steps.resize_pixels / min(size)
        if not why_blank(pixels[0], enlargement):
            return ""
        views = decode_augmentations(
            image, steps.resize_pixels, steps.crop_pixels, steps.interpolation, WHOLE_FRAME + 1
        )
        return why_blank(views[WHOLE_FRAME], enlargement)
