"""Whether a library still gives the same answers: the features of some of its photos extracted again, and their tags.

photos that are as at the fit -> a sample -> features again -> cosine with the stored ones -> tags of both
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustertags.features.conversion import read_converted
from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import PhotoReader
from clustertags.library.artifacts import Artifacts, Version
from clustertags.library.catalogue_checks import reading_only, stored_features
from clustertags.library.model import FittedLibrary
from clustertags.library.verification import FIT, MAKE_REPAIRED, Check
from clustertags.photos.decoding import quiet_decoding
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import DecodeLimits
from clustertags.support.counts import plural
from clustertags.support.files import size_of_file
from clustertags.tagging.photo_tags import PhotoTags
from clustertags.tagging.predictions import TagOptions
from clustertags.workflows.predict import Predictor

SAMPLED_PHOTOS = 16
LEAST_COSINE = 0.99
"""Between stored features and those of the same photo extracted again; another processor's precision gives 0.999."""
MOST_DIFFERENCE = 0.05
"""Between the scores of a tag, in 0..1, of the two."""


@dataclass(frozen=True, slots=True)
class Answers:
    """`checks`: of the photos and of their answers; `unlike`: content hashes of photos whose stored features are not
    those that the network gives.
    """

    checks: tuple[Check, ...]
    unlike: tuple[str, ...] = ()


def check_answers(artifacts: Artifacts, version: Version, library: FittedLibrary) -> Answers:
    """Compare the answers for an even sample of the photos that are on the disk with the size of the fit.

    Call where the version and the catalogue are whole.
    """
    on_disk = _photos_on_disk(artifacts, library)
    photos = _check_photos(library, on_disk)
    if not on_disk.same:
        found = "not compared: no photo is there as it was fitted"
        return Answers((photos, Check("answers", version.folder, "note", found)))
    sample = on_disk.same[:: math.ceil(len(on_disk.same) / SAMPLED_PHOTOS)]
    return _compare(artifacts, version, sample, library, photos)


@dataclass(frozen=True, slots=True)
class _OnDisk:
    """The fitted photos by what became of their files; `same`: the content hash and a path of each."""

    same: tuple[tuple[str, str], ...]
    n_changed: int
    n_missing: int


def _check_photos(library: FittedLibrary, on_disk: _OnDisk) -> Check:
    found = (
        f"{len(on_disk.same):,} of {plural(library.n_photos, 'photo')} there as fitted, {on_disk.n_changed:,} changed, "
        f"{on_disk.n_missing:,} missing"
    )
    return Check("photos", library.root, "note" if on_disk.n_changed or on_disk.n_missing else "right", found)


def _photos_on_disk(artifacts: Artifacts, library: FittedLibrary) -> _OnDisk:
    """By size, as the catalogue has it."""
    query = "SELECT CAST(path AS BLOB), size_bytes FROM files WHERE root = ?"
    with reading_only(artifacts.catalogue) as connection:
        sizes = {os.fsdecode(path): size for path, size in connection.execute(query, (os.fsencode(library.root),))}
    same: list[tuple[str, str]] = []
    n_changed = n_missing = 0
    for photo in library.photos:
        found = {path: size for path in photo.paths if (size := size_of_file(library.root / path)) is not None}
        if path := next((path for path, size in found.items() if sizes.get(path, size) == size), None):
            same.append((photo.content_hash, path))
        elif found:
            n_changed += 1
        else:
            n_missing += 1
    return _OnDisk(tuple(same), n_changed, n_missing)


def _compare(
    artifacts: Artifacts, version: Version, sample: Sequence[tuple[str, str]], library: FittedLibrary, photos: Check
) -> Answers:
    converted = read_converted(version.folder)
    extractor = Extractor(converted.runtime(), PhotoReader(converted.preprocess, DecodeLimits()))
    with quiet_decoding():
        outcomes = extractor.extract(library.root, [FoundFile(path, 0, 0) for _, path in sample])
    read = [
        outcome
        for outcome, (content_hash, _) in zip(outcomes, sample, strict=True)
        if outcome.content and outcome.content_hash == content_hash
    ]
    backbone = version.manifest["backbone"]["key"]
    kept = stored_features(artifacts.catalogue, (outcome.content_hash for outcome in read), backbone)
    anew = [outcome for outcome in read if outcome.content_hash in kept]
    if not anew:
        found = f"not compared: none of {plural(len(sample), 'photo')} is as it was fitted"
        return Answers((photos, Check("answers", version.folder, "note", found)))
    stored = [_with_features(outcome, *kept[outcome.content_hash]) for outcome in anew]
    cosines = [_cosine(one.content, other.content) for one, other in zip(anew, stored, strict=True)]
    unlike = tuple(item.content_hash for item, cosine in zip(anew, cosines, strict=True) if not cosine >= LEAST_COSINE)
    n_other_tags = _n_other_tags(version, anew, stored)
    compared = f"{plural(len(anew), 'photo')} of {library.n_photos:,} extracted again"
    if unlike:
        found = f"{compared}, {len(unlike):,} unlike the stored features (cosine down to {min(cosines):.3f})"
        return Answers((photos, Check("answers", artifacts.catalogue, "wrong", found, MAKE_REPAIRED)), unlike)
    if n_other_tags:
        found = f"{compared}, {n_other_tags:,} with other tags than by the stored features"
        return Answers((photos, Check("answers", version.folder, "wrong", found, FIT)))
    found = f"{compared}: the same features (cosine {min(cosines):.4f} or more) and the same tags"
    return Answers((photos, Check("answers", version.folder, "right", found)))


def _with_features(outcome: ExtractedFile, norm: float, vector: bytes) -> ExtractedFile:
    values = np.frombuffer(vector, "<f2").astype(np.float16)
    return replace(outcome, content=outcome.content and replace(outcome.content, values=values, norm=norm))


def _cosine(one: Content | None, other: Content | None) -> float:
    if one is None or other is None:
        return 0.0
    a, b = one.values.astype(np.float64), other.values.astype(np.float64)
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))


def _n_other_tags(version: Version, anew: Sequence[ExtractedFile], stored: Sequence[ExtractedFile]) -> int:
    """For how many photos a tag's score is another one."""
    predictor = Predictor(version)
    options = TagOptions(top_k=max(len(predictor.vocabulary), 1), min_score=0.0)
    pairs = zip(predictor.predict(anew, options), predictor.predict(stored, options), strict=True)
    return sum(_most_difference(one, other) > MOST_DIFFERENCE for one, other in pairs)


def _most_difference(one: PhotoTags, other: PhotoTags) -> float:
    first, second = ({tag.tag: tag.score for tag in item.tags} for item in (one, other))
    return max((abs(first.get(tag, 0.0) - second.get(tag, 0.0)) for tag in first.keys() | second), default=0.0)
