"""Scan a folder into a photo set: extract features of new files in batches, reuse those of the catalogue."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import PIL

from clustertags.errors import UnreadablePhotoError
from clustertags.features.extraction import ExtractedFile, Extractor
from clustertags.library.catalogue import Catalogue, KnownFile
from clustertags.photos.discovery import Discovery, FoundFile
from clustertags.photos.files import DecodeLimits
from clustertags.photos.keywords import read_file_keywords
from clustertags.types import Photo, PhotoSet, Progress, SkippedFile, no_progress

# A skipped photo is read again when this changes. Its first part is of the keywords: those of a known photo are read
# again, from its header alone, when that part changes.
READER = f"2/pillow-{PIL.__version__}"

_COMMIT_SECONDS = 1.0
_KEYWORD_BATCH = 1000
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
    again = _read_keywords_again(found, outcomes.values(), extractor.limits, progress)
    for some in iter(lambda: list(islice(again, _KEYWORD_BATCH)), []):
        catalogue.record(found.root, some, backbone_key, READER)
    catalogue.forget_missing(found.root, outcomes)
    return Scan(_photo_set(found, outcomes), n_decoded)


def _read_keywords_again(
    found: Discovery, known: Iterable[KnownFile], limits: DecodeLimits, progress: Progress
) -> Iterator[ExtractedFile]:
    """Read the keywords of photos again that an earlier version recorded, which knew fewer places of them.

    A file that cannot be opened is tried again at the next fit.
    """
    generation = READER.partition("/")[0]
    old = [item for item in known if item.content_hash and item.reader.partition("/")[0] not in {"", generation}]
    for done, item in enumerate(old, start=1):
        with suppress(UnreadablePhotoError):
            keywords = read_file_keywords(found.root / item.file.path, limits)
            yield ExtractedFile(item.file, item.content_hash or "", keywords=keywords)
        progress("Reading keywords", done, len(old))


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
