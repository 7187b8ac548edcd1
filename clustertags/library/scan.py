"""Scan a folder into a photo set: extract features of new files in batches, reuse those of the catalogue."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import PIL

from clustertags.engines.local import LocalEngine
from clustertags.engines.workers import Workers, choose_workers
from clustertags.errors import UnreadablePhotoError
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.extraction import Extractor
from clustertags.library.catalogue import Catalogue, KnownFile
from clustertags.library.earlier_photos import EarlierPhotos
from clustertags.photos.discovery import Discovery, FoundFile
from clustertags.photos.files import PASSING_REASONS, VIDEO_REASON, DecodeLimits
from clustertags.photos.keywords import read_file_keywords
from clustertags.photos.pairs import companions_of, is_raw
from clustertags.types import Photo, PhotoSet, Progress, SkippedFile, no_progress

# A skipped photo is read again when this changes. Its first part is of the keywords: those of a known photo are read
# again, from its header alone, when that part changes.
READER = f"2/decoding-2/pillow-{PIL.__version__}"

_COMMIT_SECONDS = 1.0
_KEYWORD_BATCH = 1000
_STAGE = "Extracting features"
_STAGE_RAW = "Extracting features of raw files"


@dataclass(frozen=True, slots=True)
class Scan:
    """The photos of a folder, the number of files decoded, and how; None where nothing was."""

    photos: PhotoSet
    n_decoded: int
    workers: Workers | None


def scan(
    found: Discovery,
    catalogue: Catalogue,
    extractor: Extractor,
    backbone_key: str,
    *,
    jobs: int | None = None,
    forget: bool = True,
    progress: Progress = no_progress,
    earlier: EarlierPhotos | None = None,
) -> Scan:
    """Extract what is not in the catalogue yet. After an interrupt, the next call resumes after the last commit.

    With `forget`, the catalogue forgets files that were not found, which are all of those that were not looked for.
    Raises `MissingPhotosError`, before any file is forgotten, if most of the `earlier` photos are gone.

    A RAW file next to its JPEG or HEIC is not opened, unless that cannot be read.
    """
    companions = companions_of((*(file.path for file in found.files), *_unopened_companions(found)))
    reading = _Reading(found.root, catalogue, extractor, backbone_key, jobs)
    mains = [file for file in found.files if file.path not in companions]
    reading.read(mains, lambda done, total: progress(_STAGE, done, total))
    unreadable = {path for path, outcome in reading.outcomes.items() if outcome.skipped}
    alone = {path for path, photo in companions.items() if photo in unreadable}
    raw = [file for file in found.files if file.path in alone]
    reading.read(raw, lambda done, total: progress(_STAGE_RAW, done, total))
    again = _read_keywords_again(found, reading.outcomes.values(), extractor.reader.limits, progress)
    for some in iter(lambda: list(islice(again, _KEYWORD_BATCH)), []):
        catalogue.record(found.root, some, backbone_key, READER)
    if earlier is not None:
        earlier.check_read(reading.outcomes, found)
    if forget:
        catalogue.forget_missing(found.root, reading.outcomes)
    kept = {path: photo for path, photo in companions.items() if path not in alone}
    return Scan(_photo_set(found, reading.outcomes, kept), reading.n_decoded, reading.workers)


def _unopened_companions(found: Discovery) -> Iterator[str]:
    """Videos, and RAW files that are too large: they may go with a photo all the same."""
    for file in found.skipped:
        if file.reason == VIDEO_REASON or (file.is_photo and is_raw(file.path)):
            yield file.path


class _Reading:
    """The outcomes of files so far, by path; each is stored in the catalogue."""

    def __init__(
        self, root: Path, catalogue: Catalogue, extractor: Extractor, backbone_key: str, jobs: int | None
    ) -> None:
        self.outcomes: dict[str, KnownFile] = {}
        self.n_decoded = 0
        self._root, self._catalogue, self._extractor = root, catalogue, extractor
        self._backbone_key, self._jobs = backbone_key, jobs
        self.workers: Workers | None = None
        self._known = catalogue.known_files(root, READER)

    def read(self, files: Sequence[FoundFile], progress: Callable[[int, int], None]) -> None:
        """Take what the catalogue has of these files, and extract the others; `progress`: how many of how many."""
        pending = []
        for file in files:
            earlier = self._known.get(file.path)
            if earlier and earlier.file == file and self._is_complete(earlier):
                self.outcomes[file.path] = earlier
            else:
                pending.append(file)
        if pending:
            self._extract(pending, progress)

    def _is_complete(self, earlier: KnownFile) -> bool:
        if earlier.skipped is not None:
            return earlier.skipped.reason not in PASSING_REASONS
        return (earlier.content_hash or "") in self._extractor.reader.known

    def _extract(self, pending: Sequence[FoundFile], progress: Callable[[int, int], None]) -> None:
        batch: list[ExtractedFile] = []
        committed_at = time.monotonic()
        workers = choose_workers(len(pending), self._jobs)
        self.workers = self.workers or workers
        progress(0, len(pending))
        try:
            with LocalEngine(self._extractor, workers) as engine:
                for done, outcome in enumerate(engine.run(self._root, pending), start=1):
                    batch.append(outcome)
                    self.outcomes[outcome.file.path] = KnownFile(
                        outcome.file, outcome.content_hash or None, outcome.skipped
                    )
                    self.n_decoded += outcome.content is not None
                    if time.monotonic() - committed_at > _COMMIT_SECONDS:
                        self._record(batch)
                        batch, committed_at = [], time.monotonic()
                    progress(done, len(pending))
        finally:
            # Also on an interrupt: keep what is done.
            self._record(batch)

    def _record(self, batch: Iterable[ExtractedFile]) -> None:
        self._catalogue.record(self._root, batch, self._backbone_key, READER)


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


def _photo_set(found: Discovery, outcomes: Mapping[str, KnownFile], companions: Mapping[str, str]) -> PhotoSet:
    """`companions`: the path of each, and that of a photo that was read."""
    paths: dict[str, list[str]] = defaultdict(list)
    skipped: list[SkippedFile] = [file for file in found.skipped if file.path not in companions]
    for path, outcome in outcomes.items():
        if outcome.skipped:
            skipped.append(outcome.skipped)
        else:
            paths[outcome.content_hash or ""].append(path)
    with_photo: dict[str, list[str]] = defaultdict(list)
    for companion, path in companions.items():
        with_photo[outcomes[path].content_hash or ""].append(companion)
    photos = [
        Photo(content_hash, tuple(sorted(names)), tuple(sorted(with_photo[content_hash])))
        for content_hash, names in paths.items()
    ]
    return PhotoSet(found.root, tuple(_by_path(photos)), tuple(sorted(skipped, key=lambda file: file.path)))


def _by_path(photos: Iterable[Photo]) -> list[Photo]:
    return sorted(photos, key=lambda photo: photo.path)
