"""Extraction of features from files: read, hash, decode, infer; several photos at a time, in no particular order.

Each worker runs all steps of a photo: one thread decodes while another infers, and no queue of pixels grows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clustertags.errors import UnreadablePhotoError
from clustertags.features.backbones import Preprocess
from clustertags.features.runtime import Runtime
from clustertags.photos.blank import few_pixels, why_blank
from clustertags.photos.decoding import WHOLE_FRAME, decode_augmentations, open_photo, quiet_decoding
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import HEADER_BYTES, DecodeLimits, has_photo_suffix, read_file, size_reason, sniff_format
from clustertags.photos.keywords import read_keywords
from clustertags.photos.small_picture import small_picture
from clustertags.support.cores import usable_cores
from clustertags.types import Float32, SkippedFile


@dataclass(frozen=True, slots=True)
class Content:
    """The extracted data of a photo: `values` (n_features,) float16 of unit length, their `norm` before normalising,
    the size in pixels as stored, and the embedded keywords. `blank`: why there is nothing to see, "" where there is
    something; `picture`: the small picture of `photos.small_picture`.
    """

    values: NDArray[np.float16]
    norm: float
    width: int
    height: int
    keywords: tuple[str, ...]
    blank: str = ""
    picture: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class ExtractedFile:
    """The outcome for one file: skipped with a reason, or a content hash; `content` is None if it was stored before,
    and `keywords` those read anew.
    """

    file: FoundFile
    content_hash: str = ""
    content: Content | None = None
    skipped: SkippedFile | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extractor:
    """The steps of the extraction. `is_known`: whether the features of a content hash are stored already."""

    runtime: Runtime
    preprocess: Preprocess
    limits: DecodeLimits
    is_known: Callable[[str], bool]
    follow_links: bool = False

    def run(self, root: Path, files: Sequence[FoundFile], *, workers: int | None = None) -> Iterator[ExtractedFile]:
        """Yield the outcome of each file below `root`, in order of completion."""
        count = workers or usable_cores()
        chunks = _chunks(files, self.runtime.batch_size)
        with quiet_decoding(), ThreadPoolExecutor(count, thread_name_prefix="extract") as pool:
            pending: set[Future[list[ExtractedFile]]] = set()
            try:
                while True:
                    # A bounded number in flight limits memory and lets an interrupt end the run at once.
                    for chunk in islice(chunks, 4 * count - len(pending)):
                        pending.add(pool.submit(self.extract, root, chunk))
                    if not pending:
                        return
                    finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                    for future in finished:
                        yield from future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def extract(self, root: Path, files: Sequence[FoundFile]) -> list[ExtractedFile]:
        """Run all steps for a few files, in their order; a file that cannot be read keeps its place."""
        return self._infer([self._read(root, file) for file in files])

    def extract_data(self, name: str, data: bytes) -> ExtractedFile:
        """The same for one photo in memory, within the same `limits`; `name` stands for its path."""
        file = FoundFile(name, len(data), 0)
        try:
            if reason := size_reason(len(data), self.limits):
                raise UnreadablePhotoError(reason)
            outcome: ExtractedFile | _Decoded = self._decode(file, data)
        except UnreadablePhotoError as error:
            is_photo = sniff_format(data[:HEADER_BYTES]) is not None
            outcome = ExtractedFile(file, skipped=SkippedFile(name, str(error), is_photo))
        return self._infer([outcome])[0]

    def _infer(self, outcomes: list[ExtractedFile | _Decoded]) -> list[ExtractedFile]:
        decoded = [item for item in outcomes if isinstance(item, _Decoded)]
        if not decoded:
            return [item for item in outcomes if isinstance(item, ExtractedFile)]
        rows = self.runtime.infer(np.concatenate([item.pixels for item in decoded]))
        rows_of_photo = iter(rows.reshape(len(decoded), -1, rows.shape[1]))
        return [item.with_features(next(rows_of_photo)) if isinstance(item, _Decoded) else item for item in outcomes]

    def _read(self, root: Path, file: FoundFile) -> ExtractedFile | _Decoded:
        head = b""
        try:
            data = read_file(root / file.path, self.limits, follow_links=self.follow_links)
            head = data[:HEADER_BYTES]
            return self._decode(file, data)
        except UnreadablePhotoError as error:
            is_photo = has_photo_suffix(file.path) or sniff_format(head) is not None
            return ExtractedFile(file, skipped=SkippedFile(file.path, str(error), is_photo))

    def _decode(self, file: FoundFile, data: bytes) -> ExtractedFile | _Decoded:
        content_hash = hashlib.sha256(data).hexdigest()
        if self.is_known(content_hash):
            return ExtractedFile(file, content_hash, keywords=read_keywords(data))
        image = open_photo(data, self.limits)
        size = image.size
        steps = self.preprocess
        pixels = decode_augmentations(
            image, steps.resize_pixels, steps.crop_pixels, steps.interpolation, steps.n_augmentations
        )
        blank = few_pixels(*size) or self._why_blank(image, size, pixels)
        return _Decoded(file, content_hash, pixels, size, read_keywords(image, None), blank)

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


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A photo between decoding and inference; `pixels`: (n_augmentations, crop, crop, 3)."""

    file: FoundFile
    content_hash: str
    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    keywords: tuple[str, ...]
    blank: str

    def with_features(self, rows: Float32) -> ExtractedFile:
        """`rows`: (n_augmentations, n_features). The features are their mean direction, with their mean length."""
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        row = rows[0] if len(rows) == 1 else (rows / np.maximum(lengths, 1e-12)).mean(axis=0) * lengths.mean()
        norm = float(np.linalg.norm(row.astype(np.float64)))
        values = (row / max(norm, 1e-12)).astype(np.float16)
        picture = small_picture(self.pixels[0])
        content = Content(values, norm, *self.size, self.keywords, self.blank, picture)
        return ExtractedFile(self.file, self.content_hash, content)


def _chunks(files: Iterable[FoundFile], size: int) -> Iterator[list[FoundFile]]:
    iterator = iter(files)
    while chunk := list(islice(iterator, size)):
        yield chunk
