"""Extract features, for a fit and for a benchmark: files -> decode -> network -> features by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clustertags.engines.workers import Workers
from clustertags.errors import PhotosError
from clustertags.features.backbones import Backbone
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import PhotoReader
from clustertags.features.runtime import choose_device
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_store import open_runtime, prepare_backbone, remove_staging_folders
from clustertags.library.catalogue import Catalogue
from clustertags.library.earlier_photos import EarlierPhotos
from clustertags.library.scan import scan
from clustertags.names.backbone_encoder import NamesEncoder, encoder_for
from clustertags.photos.discovery import Discovery
from clustertags.photos.files import DecodeLimits
from clustertags.support.printable import printable
from clustertags.types import Classifier, Features, PhotoSet, Progress, no_progress


@dataclass(frozen=True, slots=True)
class Extracted:
    """The photos of a folder; `features[i]` belongs to `photos.photos[i]`. `n_decoded`: photos new to the catalogue.

    `classifier`: the backbone's ImageNet classifier, None without one. `blank`: content hash to the reason why there is
    nothing to see in the photo. `encoder`: of names, which goes with the backbone. `workers`: how photos were decoded,
    None where none was.
    """

    photos: PhotoSet
    features: Features
    classifier: Classifier | None
    n_decoded: int
    blank: Mapping[str, str]
    encoder: NamesEncoder
    workers: Workers | None


def extract_features(
    found: Discovery,
    artifacts: Artifacts,
    catalogue: Catalogue,
    backbone: Backbone,
    *,
    device: str = "auto",
    jobs: int | None = None,
    limits: DecodeLimits,
    progress: Progress = no_progress,
    earlier: EarlierPhotos | None = None,
) -> Extracted:
    """Extract the features of new photos; those of the others are read from the catalogue.

    Call under `artifacts.writing`. `device`: auto, cpu, cuda or mps; `jobs`: photos decoded at a time, None for
    as many as there are cores. After an interrupt, the next call resumes after
    the last commit. Raises `PhotosError` if no file is a readable photo, `WeightsError` if there are no weights, and
    `MissingPhotosError` if most of the `earlier` photos are gone.
    """
    remove_staging_folders(artifacts)
    chosen = choose_device(device)
    converted = prepare_backbone(artifacts, backbone, progress)
    classifier = converted.classifier()
    known = catalogue.extracted_hashes(backbone.key)
    runtime = open_runtime(converted, backbone, chosen)
    extractor = Extractor(runtime, PhotoReader(converted.preprocess, limits, known))
    scanned = scan(found, catalogue, extractor, backbone.key, jobs=jobs, progress=progress, earlier=earlier)
    _check_any(scanned.photos)
    hashes = [photo.content_hash for photo in scanned.photos.photos]
    features = catalogue.features(hashes, backbone.key, converted.n_features)
    return Extracted(
        scanned.photos,
        features,
        classifier,
        scanned.n_decoded,
        catalogue.blank(hashes),
        encoder_for(converted),
        scanned.workers,
    )


def _check_any(photos: PhotoSet) -> None:
    if photos.photos:
        return
    message = f"{printable(photos.root)} holds no readable photo among its {photos.n_files:,} files"
    if not photos.skipped:
        raise PhotosError(message)
    first = next((file for file in photos.skipped if file.is_photo), photos.skipped[0])
    raise PhotosError(f"{message}: {printable(first.path)} is skipped ({first.reason})")
