"""What the extraction has of one file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.photos.discovery import FoundFile
from clustertags.types import SkippedFile


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
