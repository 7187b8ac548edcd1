"""A fitted library with the features that it was fitted on: the input of later training and of evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from clustertags.errors import DamagedError
from clustertags.features.conversion import read_converted
from clustertags.library.artifacts import Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.names.backbone_encoder import NamesEncoder, encoder_for
from clustertags.names.encoder import sentence_encoder
from clustertags.support.printable import printable
from clustertags.types import Classifier, Features


@dataclass(frozen=True, slots=True)
class LibraryFeatures:
    """`features[i]` belongs to `library.photos[i]`; `classifier`: of the backbone, None without one; `encoder`: of
    names, which goes with the backbone.
    """

    library: FittedLibrary
    features: Features
    classifier: Classifier | None
    encoder: NamesEncoder = field(default_factory=sentence_encoder)


def load_library_features(folder: Path) -> LibraryFeatures:
    """The version in use with its features from the catalogue; no photo is read. Raises `ArtifactsError`."""
    artifacts = Artifacts(folder)
    version = artifacts.current()
    return read_library_features(artifacts, version, load_library(version))


def read_library_features(artifacts: Artifacts, version: Version, library: FittedLibrary) -> LibraryFeatures:
    """The features of `library`, which was loaded from `version`. Raises `DamagedError` without the catalogue."""
    backbone = version.manifest["backbone"]
    with open_catalogue(artifacts) as catalogue:
        hashes = [photo.content_hash for photo in library.photos]
        features = catalogue.features(hashes, backbone["key"], backbone["n_features"])
    converted = read_converted(version.folder)
    return LibraryFeatures(library, features, converted.classifier(), encoder_for(converted))


def open_catalogue(artifacts: Artifacts) -> Catalogue:
    """The catalogue of a fitted library. Raises `DamagedError` if it is missing."""
    if not artifacts.catalogue.is_file():
        raise DamagedError(f"{printable(artifacts.catalogue)} is missing: run `clustertags fit` again")
    return Catalogue(artifacts.catalogue)
