"""The recipe of an extraction, for a fit and for a benchmark: files -> decode -> network -> features by content."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.errors import PhotosError
from clustertags.features.backbones import Backbone
from clustertags.features.extraction import Extractor
from clustertags.features.runtime import choose_device
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_store import open_runtime, prepare_backbone, remove_staging_folders
from clustertags.library.catalogue import Catalogue
from clustertags.library.scan import scan
from clustertags.photos.discovery import Discovery
from clustertags.photos.files import DecodeLimits
from clustertags.support.printable import printable
from clustertags.types import Classifier, Features, PhotoSet, Progress, no_progress


@dataclass(frozen=True, slots=True)
class Extracted:
    """The photos of a folder with their features, row by row; `n_decoded` photos were not in the catalogue before.

    `classifier`: the backbone's own, None where it has none.
    """

    photos: PhotoSet
    features: Features
    classifier: Classifier | None
    n_decoded: int


def extract_features(
    found: Discovery,
    artifacts: Artifacts,
    catalogue: Catalogue,
    backbone: Backbone,
    *,
    device: str = "auto",
    limits: DecodeLimits,
    progress: Progress = no_progress,
) -> Extracted:
    """Decode what is new and run the network on it; what the catalogue knows is read from there.

    Call under `artifacts.writing`. `device`: auto, cpu, cuda or mps. Interrupted, the next call goes on with what was
    committed. Raises `PhotosError` where no file is a readable photo, `WeightsError` where the network cannot be had.
    """
    remove_staging_folders(artifacts)
    chosen = choose_device(device)
    converted = prepare_backbone(artifacts, backbone, progress)
    classifier = converted.classifier()
    known = catalogue.extracted_hashes(backbone.key)
    runtime = open_runtime(converted, backbone, chosen)
    extractor = Extractor(runtime, converted.preprocess, limits, known.__contains__)
    scanned = scan(found, catalogue, extractor, backbone.key, progress)
    _check_any(scanned.photos)
    hashes = [photo.content_hash for photo in scanned.photos.photos]
    features = catalogue.features(hashes, backbone.key, converted.n_features)
    return Extracted(scanned.photos, features, classifier, scanned.n_decoded)


def _check_any(photos: PhotoSet) -> None:
    if photos.photos:
        return
    told = f"{printable(photos.root)} holds no readable photo among its {photos.n_files:,} files"
    if not photos.skipped:
        raise PhotosError(told)
    first = next((file for file in photos.skipped if file.is_photo), photos.skipped[0])
    raise PhotosError(f"{told}: {printable(first.path)} is skipped ({first.reason})")
