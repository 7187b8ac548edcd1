"""Scan a folder into a photo set: extract features of new files in batches, reuse those of the catalogue."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import PIL

from clustertags.features.extraction import ExtractedFile, Extractor
from clustertags.library.catalogue import Catalogue, KnownFile
from clustertags.photos.discovery import Discovery, FoundFile
from clustertags.types import Photo, PhotoSet, Progress, SkippedFile, no_progress

# A skipped photo is read again when this changes.
READER = f"1/pillow-{PIL.__version__}"

_COMMIT_SECONDS = 1.0
_STAGE = "Extracting features"


@dataclass(frozen=True, slots=True)
class Scan:
    """The photos of a folder, and the number of files decoded."""

    photos: PhotoSet
    n_decoded: int


def scan(
    found: Discovery, catalogue: Catalogue, extractor: Extractor, backbone_key: str, progress: Progress = no_progress
) -> Scan:
    """Extract what is not in the catalogue yet. After an interrupt, the next call resumes after the last commit."""
    known = catalogue.known_files(found.root, READER)
    outcomes: dict[str, KnownFile] = {}
    pending: list[FoundFile] = []
    for file in found.files:
        earlier = known.get(file.path)
        if earlier and earlier.file == file and (earlier.skipped or extractor.is_known(earlier.content_hash or "")):
            outcomes[file.path] = earlier
        else:
            pending.append(file)
    n_decoded = 0
    batch: list[ExtractedFile] = []
    committed_at = time.monotonic()
    if pending:
        progress(_STAGE, 0, len(pending))
    try:
        for done, outcome in enumerate(extractor.run(found.root, pending), start=1):
            batch.append(outcome)
            outcomes[outcome.file.path] = KnownFile(outcome.file, outcome.content_hash or None, outcome.skipped)
            n_decoded += outcome.content is not None
            if time.monotonic() - committed_at > _COMMIT_SECONDS:
                catalogue.record(found.root, batch, backbone_key, READER)
                batch, committed_at = [], time.monotonic()
            progress(_STAGE, done, len(pending))
    finally:
        # Also on an interrupt: keep what is done.
        catalogue.record(found.root, batch, backbone_key, READER)
    catalogue.forget_missing(found.root, outcomes)
    return Scan(_photo_set(found, outcomes), n_decoded)


def _photo_set(found: Discovery, outcomes: Mapping[str, KnownFile]) -> PhotoSet:
    paths: dict[str, list[str]] = defaultdict(list)
    skipped: list[SkippedFile] = list(found.skipped)
    for file in found.files:
        outcome = outcomes[file.path]
        if outcome.skipped:
            skipped.append(outcome.skipped)
        else:
            paths[outcome.content_hash or ""].append(file.path)
    photos = [Photo(content_hash, tuple(sorted(names))) for content_hash, names in paths.items()]
    return PhotoSet(found.root, tuple(_by_path(photos)), tuple(sorted(skipped, key=lambda file: file.path)))


def _by_path(photos: Iterable[Photo]) -> list[Photo]:
    return sorted(photos, key=lambda photo: photo.path)
