"""Libraries on the disk as a fit leaves them, without a network, a layout or minutes: what workflows work on."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from clustertags.features.backbones import Backbone
from clustertags.features.conversion import (
    COMPILED_FILE,
    DESCRIPTION_FILE,
    MODEL_FILE,
    PARAMETERS_FILE,
    ConvertedBackbone,
    read_converted,
)
from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.labels.seed_tags import read_seed_tags
from clustertags.library.artifacts import Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import Base, FittedLibrary
from clustertags.library.publishing import publish
from clustertags.photos.discovery import FoundFile, discover
from clustertags.photos.files import DecodeLimits
from clustertags.tagging.top_tags import TopTags
from clustertags.types import Features, Projection
from clustertags.workflows.extract import Extracted, extract_features
from clustertags.workflows.learn import ClusteredPhotos, learn_tags
from tests.made.clusters import clusters_of
from tests.made.features import N_COLOURS, PREPROCESS, ColourHistogram, as_features

LAYOUT = "made"
BACKBONE = Backbone(LAYOUT, None, lambda: pytest.fail("the network was loaded"), LAYOUT)


def converted_histogram(artifacts: Artifacts, n_features: int = N_COLOURS) -> ConvertedBackbone:
    """A converted network in name alone."""
    folder = artifacts.backbones / LAYOUT
    folder.mkdir(parents=True, exist_ok=True)
    files = [MODEL_FILE, PARAMETERS_FILE]
    for name in (*files, COMPILED_FILE):
        (folder / name).write_text(f"no network: {name}")
    description = {"name": LAYOUT, "key": LAYOUT, "preprocess": asdict(PREPROCESS), "n_features": n_features}
    (folder / DESCRIPTION_FILE).write_text(json.dumps({**description, "files": files}))
    return read_converted(folder)


def learnt(library: FittedLibrary, features: Features) -> FittedLibrary:
    """The library with what is learnt from its clusters and tags."""
    found = learn_tags(ClusteredPhotos(features, None, library.space, library.clusters), library.seeds, library.rules)
    return replace(
        library,
        seeds=found.seed_tags,
        demoted=found.demoted,
        tag_model=found.tag_model,
        top_tags=found.top_tags,
        descriptions=found.descriptions,
        neighbours=found.neighbours,
    )


def publish_made(library: FittedLibrary, folder: Path) -> Version:
    """Put the library in use in the folder, its space as the features of its photos, of which there are no files."""
    artifacts = Artifacts(folder)
    features = as_features(library.space)
    library = learnt(library, features)
    converted = converted_histogram(artifacts, features.values.shape[1])
    with artifacts.writing(), Catalogue(artifacts.catalogue) as catalogue:
        found = [
            ExtractedFile(
                FoundFile(photo.path, 1, 1), photo.content_hash, Content(row.astype(np.float16), 1.0, 8, 8, ())
            )
            for photo, row in zip(library.photos, features.values, strict=True)
        ]
        catalogue.record(library.root, found, LAYOUT, "made")
        return publish(artifacts, library, library.space, converted, LAYOUT)


def use_histogram(monkeypatch: pytest.MonkeyPatch) -> ColourHistogram:
    """From now on fits and taggers count colours where they would run the network."""
    histogram = ColourHistogram()
    monkeypatch.setattr("clustertags.workflows.extract.prepare_backbone", lambda to, *_: converted_histogram(to))
    monkeypatch.setattr("clustertags.workflows.extract.open_runtime", lambda *_: histogram)
    monkeypatch.setattr("clustertags.features.conversion.OpenVinoRuntime", lambda *_: histogram)
    return histogram


def extract_folder(photos: Path, folder: Path, **options: object) -> Extracted:
    """Extract a folder by `use_histogram`, as a fit does."""
    artifacts = Artifacts(folder)
    limits = DecodeLimits()
    with artifacts.writing(), Catalogue(artifacts.catalogue) as catalogue:
        found = discover(photos, limits)
        return extract_features(found, artifacts, catalogue, BACKBONE, device="cpu", limits=limits, **options)  # type: ignore[arg-type]


def publish_photos(photos: Path, seeds: Path | None, kinds: dict[str, str], folder: Path) -> Version:
    """Put a folder of made photos in use, a cluster a kind, their features by `use_histogram`."""
    extracted = extract_folder(photos, folder)
    projection = Projection(np.zeros(N_COLOURS, np.float32), np.eye(N_COLOURS, dtype=np.float32))
    space = projection.project(extracted.features.values)
    order = {kind: at for at, kind in enumerate(sorted(set(kinds.values())))}
    clusters = clusters_of([order[kinds[photo.path]] for photo in extracted.photos.photos])
    given = read_seed_tags(extracted.photos, seeds)
    library = FittedLibrary(
        root=photos,
        photos=extracted.photos.photos,
        skipped=extracted.photos.skipped,
        projection=projection,
        space=space,
        map=space[:, :2].copy(),
        clusters=clusters,
        descriptions=(),
        seeds=given,
        tag_model=None,
        top_tags=TopTags.none(len(space)),
        settings={"seed": 0},
        base=Base(clusters, replace(given, notices=())),
    )
    artifacts = Artifacts(folder)
    with artifacts.writing():
        return publish(artifacts, learnt(library, extracted.features), space, converted_histogram(artifacts), LAYOUT)
