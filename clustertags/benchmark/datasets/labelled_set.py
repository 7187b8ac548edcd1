"""A labelled set: features, tags and pictures, ordered by the photos' content hashes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.label_formats import LabelFormat, find_labels, guess_label_format, read_labels
from clustertags.benchmark.datasets.lazy_pictures import FolderPictures
from clustertags.benchmark.method_interface import PhotoSample
from clustertags.errors import PhotosError
from clustertags.features.backbones import DEFAULT_BACKBONE, find_backbone
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.photos.discovery import FoundFile, discover
from clustertags.photos.files import DecodeLimits, may_be_photo
from clustertags.support.printable import printable
from clustertags.types import Bool, Classifier, Features, Photo, PhotoSet, Progress, SeedTags, no_progress
from clustertags.workflows.extract import extract_features

MIN_PHOTOS = 4
"""Tags on fewer photos are dropped: they could not be both learnt and tested."""


@dataclass(frozen=True, slots=True)
class LabelledSetRequest:
    """`tags`: see `label_formats.find_labels`; `label_format`: None to guess it; `cache`: folder of cached features."""

    photos: Path
    cache: Path
    tags: str | None = None
    label_format: LabelFormat | None = None
    backbone: str = DEFAULT_BACKBONE
    weights: Path | None = None
    device: str = "auto"
    min_photos: int = MIN_PHOTOS
    limits: DecodeLimits = field(default_factory=DecodeLimits)


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """n photos in the order of `hashes`, the SHA-256 of each content. `tags`: (n, n_names) bool, at least one a photo;
    `outputs`: (n, n_classes) float32, the backbone's softmax, where it has a classifier.
    """

    title: str
    names: tuple[str, ...]
    tags: Bool
    hashes: tuple[str, ...]
    features: Features
    pictures: FolderPictures
    classifier: Classifier | None
    backbone: str
    notes: tuple[str, ...] = ()
    n_unreadable: int = 0

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def one_tag_a_photo(self) -> bool:
        return bool((self.tags.sum(axis=1) == 1).all())

    def sample(self, rows: NDArray[np.intp]) -> PhotoSample:
        """These photos as a method gets them."""
        features = self.features.take(rows)
        outputs = self.classifier.probabilities(features) if self.classifier is not None else None
        return PhotoSample(features, outputs, self.pictures.take(rows.tolist()))

    def digest(self) -> str:
        """A hash of the photos, their tags and the network of the features."""
        made = hashlib.sha256(repr((self.names, self.hashes, self.backbone)).encode("utf-8", "surrogatepass"))
        made.update(np.packbits(self.tags).tobytes())
        return made.hexdigest()


def load_labelled_set(request: LabelledSetRequest, progress: Progress = no_progress) -> LabelledSet:
    """Read the labels and extract the features of labelled photos; cached photos are not decoded again.

    Raises `SeedsError` for malformed labels, `PhotosError` where too few photos are left, `LockedError` while another
    process writes to the cache.
    """
    found = discover(request.photos, request.limits, excluded_folder=request.cache, progress=progress)
    source = find_labels(request.photos, request.tags)
    files = tuple(file for file in found.files if may_be_photo(found.root / file.path))
    listed = PhotoSet(found.root, tuple(Photo("", (file.path,)) for file in files), found.skipped)
    named = read_labels(listed, source, request.label_format or guess_label_format(source))
    labelled = [files[at] for at in named.photos.tolist()]
    artifacts = Artifacts(request.cache)
    with artifacts.writing(), Catalogue(artifacts.catalogue) as catalogue:
        backbone = find_backbone(request.backbone, request.weights)
        extracted = extract_features(
            replace(found, files=tuple(labelled), skipped=()),
            artifacts,
            catalogue,
            backbone,
            device=request.device,
            limits=request.limits,
            progress=progress,
        )
    hashes = [photo.content_hash for photo in extracted.photos.photos]
    order = np.argsort(hashes)
    photos = [extracted.photos.photos[at] for at in order]
    loaded = LabelledSet(
        _title(request.photos),
        named.vocabulary,
        _tags_of_contents(named, labelled, photos),
        tuple(photo.content_hash for photo in photos),
        extracted.features.take(order),
        FolderPictures(
            tuple(found.root / photo.path for photo in photos), tuple(photo.content_hash for photo in photos)
        ),
        extracted.classifier,
        backbone.key,
        (*named.notices, *_unreadable_note(extracted.photos)),
        len(extracted.photos.skipped),
    )
    return drop_rare_tags(loaded, request.min_photos)


def drop_rare_tags(labelled: LabelledSet, min_photos: int) -> LabelledSet:
    """Drop tags on fewer than `min_photos` photos, and photos without another tag. Raises `PhotosError` where too few
    are left.
    """
    counts = labelled.tags.sum(axis=0)
    kept_tags = np.flatnonzero(counts >= min_photos)
    tags = labelled.tags[:, kept_tags]
    kept = np.flatnonzero(tags.any(axis=1))
    if len(kept_tags) < 2 or len(kept) < 4:
        raise PhotosError(
            f"{printable(labelled.title)}: {len(kept_tags):,} tags are on {min_photos} photos or more, and a "
            "comparison needs two: label more photos, or lower --least-photos"
        )
    notes = list(labelled.notes)
    if len(kept_tags) < len(counts):
        notes.append(f"{len(counts) - len(kept_tags):,} tags on fewer than {min_photos} photos are excluded.")
    if len(kept) < len(labelled):
        notes.append(f"{len(labelled) - len(kept):,} photos without any other tag are excluded.")
    return replace(
        labelled,
        names=tuple(labelled.names[at] for at in kept_tags),
        tags=tags[kept],
        hashes=tuple(labelled.hashes[at] for at in kept),
        features=labelled.features.take(kept),
        pictures=labelled.pictures.take(kept.tolist()),
        notes=tuple(notes),
    )


def _title(folder: Path) -> str:
    """The folder's name, or its parent's name for a folder called `images`, `photos` or `pictures`."""
    path = Path(os.path.realpath(folder))
    return path.parent.name if path.name.lower() in {"images", "photos", "pictures"} else path.name


def _tags_of_contents(named: SeedTags, labelled: Sequence[FoundFile], photos: Sequence[Photo]) -> Bool:
    """(n_photos, n_tags): a photo has the tags of all its copies."""
    row_of = {file.path: row for row, file in enumerate(labelled)}
    tags = np.zeros((len(photos), len(named.vocabulary)), np.bool_)
    for at, photo in enumerate(photos):
        tags[at] = named.matrix[[row_of[path] for path in photo.paths]].any(axis=0)
    return tags


def _unreadable_note(photos: PhotoSet) -> tuple[str, ...]:
    if not photos.skipped:
        return ()
    first = photos.skipped[0]
    return (f"{len(photos.skipped):,} photos could not be read: {printable(first.path, 60)} ({first.reason}).",)
