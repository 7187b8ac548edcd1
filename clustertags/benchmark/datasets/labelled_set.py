"""A labelled set as every method is given it: features, tags and pictures, ordered by the photos' content hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.label_formats import Layout, find_source, guess_layout, read_labels
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

LEAST_PHOTOS = 4
"""A tag on fewer photos is left out: it could not be both learnt and tested."""


@dataclass(frozen=True, slots=True)
class SetRequest:
    """`tags`: see `layouts.find_source`; `layout`: None to guess it; `cache`: where features are kept."""

    photos: Path
    cache: Path
    tags: str | None = None
    layout: Layout | None = None
    backbone: str = DEFAULT_BACKBONE
    weights: Path | None = None
    device: str = "auto"
    least_photos: int = LEAST_PHOTOS
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
        """These photos as a method may see them."""
        features = self.features.take(rows)
        outputs = self.classifier.probabilities(features) if self.classifier is not None else None
        return PhotoSample(features, outputs, self.pictures.take(rows.tolist()))

    def digest(self) -> str:
        """Names the photos, their tags and the network that described them."""
        made = hashlib.sha256(repr((self.names, self.hashes, self.backbone)).encode("utf-8", "surrogatepass"))
        made.update(np.packbits(self.tags).tobytes())
        return made.hexdigest()


def gather(request: SetRequest, progress: Progress = no_progress) -> LabelledSet:
    """Read the labels, and describe the photos that have any; what is in the cache is not decoded again.

    Raises `SeedsError` for malformed labels, `PhotosError` where too few photos are left, `LockedError` where another
    process writes to the cache.
    """
    found = discover(request.photos, request.limits, not_into=request.cache, progress=progress)
    source = find_source(request.photos, request.tags)
    files = tuple(file for file in found.files if may_be_photo(found.root / file.path))
    listed = PhotoSet(found.root, tuple(Photo("", (file.path,)) for file in files), found.skipped)
    named = read_labels(listed, source, request.layout or guess_layout(source))
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
    made = LabelledSet(
        _title(request.photos),
        named.vocabulary,
        _tags_of_contents(named, labelled, photos),
        tuple(photo.content_hash for photo in photos),
        extracted.features.take(order),
        FolderPictures(
            tuple(found.root / photo.path for photo in photos), tuple(photo.content_hash for photo in photos)
        ),
        extracted.converted.classifier(),
        backbone.key,
        (*named.notices, *_unreadable_note(extracted.photos)),
        len(extracted.photos.skipped),
    )
    return keep_frequent(made, request.least_photos)


def keep_frequent(labelled: LabelledSet, least_photos: int) -> LabelledSet:
    """Without the tags on fewer photos and the photos that have no other. Raises `PhotosError` where none is left."""
    counts = labelled.tags.sum(axis=0)
    kept_tags = np.flatnonzero(counts >= least_photos)
    tags = labelled.tags[:, kept_tags]
    kept = np.flatnonzero(tags.any(axis=1))
    if len(kept_tags) < 2 or len(kept) < 4:
        raise PhotosError(
            f"{printable(labelled.title)}: {len(kept_tags):,} tags are on {least_photos} photos or more, and a "
            "comparison needs two: label more photos, or lower --least-photos"
        )
    notes = list(labelled.notes)
    if len(kept_tags) < len(counts):
        notes.append(f"{len(counts) - len(kept_tags):,} tags on fewer than {least_photos} photos are left out.")
    if len(kept) < len(labelled):
        notes.append(f"{len(labelled) - len(kept):,} photos without any other tag are left out.")
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
    """The folder's name, and that of the one above it where it merely says that pictures are inside."""
    place = folder.resolve()
    return place.parent.name if place.name.lower() in {"images", "photos", "pictures"} else place.name


def _tags_of_contents(named: SeedTags, labelled: Sequence[FoundFile], photos: Sequence[Photo]) -> Bool:
    """(n_photos, n_tags): copies of one photo unite their tags."""
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
