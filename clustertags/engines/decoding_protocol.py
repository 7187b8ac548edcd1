"""What a decoding process is told and what it answers: lines of JSON.

The first line sets it up and is answered by `{"ready": true}`; every other is a list of paths, answered by a list of
outcomes in the same order. The pixels of the photo at a place lie in the slot of that place, see `shared_pixels`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.features.backbones import Preprocess
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.photo_reading import DecodedPhoto
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import DecodeLimits
from clustertags.types import SkippedFile

FILES_A_REQUEST = 8
"""The most files of a request: what a message costs is spread over them."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a process needs to decode; `known` and `large_lock` are files, `pixels` is replaced for each process."""

    preprocess: Preprocess
    limits: DecodeLimits
    follow_links: bool
    known: Path
    large_lock: Path
    pixels: Path

    @property
    def pixels_shape(self) -> tuple[int, int, int, int]:
        """Of one photo: (n_augmentations, crop, crop, 3)."""
        return self.preprocess.n_augmentations, self.preprocess.crop_pixels, self.preprocess.crop_pixels, 3


def setup_line(setup: Setup) -> bytes:
    return _line(asdict(setup) | {key: str(getattr(setup, key)) for key in ("known", "large_lock", "pixels")})


def read_setup(line: bytes) -> Setup:
    told = json.loads(line)
    steps = told["preprocess"]
    preprocess = Preprocess(**steps | {key: tuple(steps[key]) for key in ("mean", "std")})
    files = {key: Path(told[key]) for key in ("known", "large_lock", "pixels")}
    return Setup(preprocess, DecodeLimits(**told["limits"]), told["follow_links"], **files)


READY = b'{"ready": true}\n'


def request_line(root: Path, files: Sequence[FoundFile]) -> bytes:
    return _line({"root": str(root), "paths": [file.path for file in files]})


def read_request(line: bytes) -> tuple[Path, list[str]]:
    told = json.loads(line)
    return Path(told["root"]), told["paths"]


def outcomes_line(outcomes: Sequence[ExtractedFile | DecodedPhoto]) -> bytes:
    return _line([_outcome(outcome) for outcome in outcomes])


def _outcome(outcome: ExtractedFile | DecodedPhoto) -> dict[str, Any]:
    if isinstance(outcome, DecodedPhoto):
        return {
            "hash": outcome.content_hash,
            "size": outcome.size,
            "keywords": outcome.keywords,
            "blank": outcome.blank,
        }
    if outcome.skipped:
        return {"reason": outcome.skipped.reason, "is_photo": outcome.skipped.is_photo}
    return {"hash": outcome.content_hash, "keywords": outcome.keywords}


def read_outcomes(
    line: bytes, files: Sequence[FoundFile], pixels: Callable[[int], NDArray[np.uint8]]
) -> list[ExtractedFile | DecodedPhoto]:
    """`pixels`: of the photo at a place."""
    return [
        _read_outcome(told, file, place, pixels)
        for place, (told, file) in enumerate(zip(json.loads(line), files, strict=True))
    ]


def _read_outcome(
    told: dict[str, Any], file: FoundFile, place: int, pixels: Callable[[int], NDArray[np.uint8]]
) -> ExtractedFile | DecodedPhoto:
    if "reason" in told:
        return ExtractedFile(file, skipped=SkippedFile(file.path, told["reason"], told["is_photo"]))
    keywords = tuple(told["keywords"])
    if "size" not in told:
        return ExtractedFile(file, told["hash"], keywords=keywords)
    width, height = told["size"]
    return DecodedPhoto(file, told["hash"], pixels(place), (width, height), keywords, told["blank"])


def _line(message: object) -> bytes:
    # Escaped as ASCII: a path that is not UTF-8 has halves of surrogate pairs, and no line break stands in a line.
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
