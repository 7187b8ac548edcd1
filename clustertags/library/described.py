"""A fitted library with the features that it was fitted on: what every later learning and evaluation starts from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clustertags.errors import DamagedError
from clustertags.features.conversion import read_converted
from clustertags.library.artifacts import Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.support.printable import printable
from clustertags.types import Classifier, Features


@dataclass(frozen=True, slots=True)
class DescribedLibrary:
    """`features` go row by row with `library.photos`; `classifier` is the backbone's own, None where it has none."""

    library: FittedLibrary
    features: Features
    classifier: Classifier | None


def load_described(folder: Path) -> DescribedLibrary:
    """The version in use with its features from the catalogue; no photo is read. Raises `ArtifactsError`."""
    artifacts = Artifacts(folder)
    version = artifacts.current()
    return describe_library(artifacts, version, load_library(version))


def describe_library(artifacts: Artifacts, version: Version, library: FittedLibrary) -> DescribedLibrary:
    """`library`, which was loaded from `version`, with its features. Raises `DamagedError` without the catalogue."""
    backbone = version.manifest["backbone"]
    with open_catalogue(artifacts) as catalogue:
        hashes = [photo.content_hash for photo in library.photos]
        features = catalogue.features(hashes, backbone["key"], backbone["n_features"])
    return DescribedLibrary(library, features, read_converted(version.folder).classifier())


def open_catalogue(artifacts: Artifacts) -> Catalogue:
    """The catalogue of a fitted library. Raises `DamagedError` where it is gone."""
    if not artifacts.catalogue.is_file():
        raise DamagedError(f"{printable(artifacts.catalogue)} is missing: run `clustertags fit` again")
    return Catalogue(artifacts.catalogue)
