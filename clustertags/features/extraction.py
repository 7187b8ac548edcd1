"""Extraction of features: what is decoded goes through the network. `engines` does so for many files at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.features.photo_reading import DecodedPhoto, PhotoReader
from clustertags.features.runtime import Runtime
from clustertags.photos.discovery import FoundFile
from clustertags.photos.small_picture import small_picture
from clustertags.types import Float32


@dataclass(frozen=True, slots=True)
class Extractor:
    """The steps of the extraction: `reader` decodes, `runtime` infers."""

    runtime: Runtime
    reader: PhotoReader

    def extract(self, root: Path, files: Sequence[FoundFile]) -> list[ExtractedFile]:
        """Run all steps for a few files, in their order; a file that cannot be read keeps its place."""
        return self.infer([self.reader.read(root, file) for file in files])

    def extract_data(self, name: str, data: bytes) -> ExtractedFile:
        """The same for one photo in memory, within the same limits; `name` stands for its path."""
        return self.infer([self.reader.read_data(name, data)])[0]

    def infer(self, outcomes: Sequence[ExtractedFile | DecodedPhoto]) -> list[ExtractedFile]:
        """The outcomes in their order, with the features of the photos among them."""
        decoded = [item for item in outcomes if isinstance(item, DecodedPhoto)]
        if not decoded:
            return [item for item in outcomes if isinstance(item, ExtractedFile)]
        rows = self.runtime.infer(np.concatenate([item.pixels for item in decoded]))
        rows_of_photo = iter(rows.reshape(len(decoded), -1, rows.shape[1]))
        return [
            _with_features(item, next(rows_of_photo)) if isinstance(item, DecodedPhoto) else item for item in outcomes
        ]


def _with_features(photo: DecodedPhoto, rows: Float32) -> ExtractedFile:
    """`rows`: (n_augmentations, n_features). The features are their mean direction, with their mean length."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    row = rows[0] if len(rows) == 1 else (rows / np.maximum(lengths, 1e-12)).mean(axis=0) * lengths.mean()
    norm = float(np.linalg.norm(row.astype(np.float64)))
    values = (row / max(norm, 1e-12)).astype(np.float16)
    content = Content(values, norm, *photo.size, photo.keywords, photo.blank, small_picture(photo.pixels[0]))
    return ExtractedFile(photo.file, photo.content_hash, content)
