"""A small fitted library by hand: three groups of coloured JPEGs, some unclustered, some tagged, one copied."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from clustertags.library.model import FittedLibrary
from clustertags.pages.thumbnails import Thumbnail, thumbnail_href
from clustertags.tagging.top_tags import TopTags
from clustertags.types import (
    UNCLUSTERED,
    ClusterDescription,
    Clusters,
    Photo,
    Projection,
    SeedTags,
    SkippedFile,
)

VOCABULARY = ("boat", "cat", "harbour", "tree")
CENTRES = np.eye(4, dtype=np.float32)
COLOURS = ((200, 60, 50), (60, 160, 70), (50, 90, 200), (120, 120, 120))


@dataclass(frozen=True)
class Recipe:
    """`sizes` of the clusters, then how many photos are unclustered; `names` replaces the photos' own names;
    `parents` are the groups of the clusters at each level."""

    sizes: tuple[int, ...] = (6, 4, 3)
    n_unclustered: int = 2
    names: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = VOCABULARY
    cluster_names: tuple[str, ...] = ("harbour", "cat", "tree")
    skipped: tuple[SkippedFile, ...] = (
        SkippedFile("notes.txt", "not a photo", is_photo=False),
        SkippedFile("broken.jpg", "damaged JPEG", is_photo=True),
    )
    labelled: tuple[int, ...] = (0, 7)
    copies: tuple[tuple[int, str], ...] = ((1, "again/one.jpg"),)
    side_pixels: int = 40
    parents: tuple[tuple[int, ...], ...] = ()


Build = Callable[..., FittedLibrary]
Fake = Callable[[FittedLibrary], tuple[Thumbnail, ...]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build a library from the recipe with the given fields changed; its photos are written to `tmp_path / "photos"`,
    unless `write=False`."""

    def _build(*, write: bool = True, **changes: Any) -> FittedLibrary:
        return _make_library(Recipe(**changes), tmp_path / "photos", write=write)

    return _build


@pytest.fixture
def library(build: Build) -> FittedLibrary:
    return build()


@pytest.fixture
def fake_thumbnails() -> Fake:
    """A function that gives every photo of a library a thumbnail that is nowhere on the disk."""
    return lambda library: tuple(Thumbnail(thumbnail_href(photo.content_hash), 40, 30) for photo in library.photos)


def _make_library(recipe: Recipe, root: Path, *, write: bool) -> FittedLibrary:
    labels = np.repeat([*range(len(recipe.sizes)), UNCLUSTERED], [*recipe.sizes, recipe.n_unclustered]).astype(np.int32)
    n, n_clusters = len(labels), len(recipe.sizes)
    rng = np.random.default_rng(0)
    space = CENTRES[labels % 4] + rng.normal(scale=0.2, size=(n, 4)).astype(np.float32)
    space = (space / np.linalg.norm(space, axis=1, keepdims=True)).astype(np.float32)
    photos = _photos(recipe, root, labels, write=write)
    clusters = Clusters(
        labels=labels,
        probabilities=np.where(labels >= 0, np.linspace(1, 0.2, n), 0).astype(np.float32),
        noise=np.isin(np.arange(n), [2]) | (labels < 0),
        medoids=np.array([np.flatnonzero(labels == c)[0] for c in range(n_clusters)], dtype=np.int32),
        stability=np.linspace(0.9, 0.3, n_clusters).astype(np.float32),
        parents=np.array(recipe.parents, dtype=np.int32).reshape(len(recipe.parents), n_clusters),
    )
    return FittedLibrary(
        root=root,
        photos=photos,
        skipped=recipe.skipped,
        projection=Projection(np.zeros(4, np.float32), np.eye(4, dtype=np.float32)),
        space=space,
        map=(space[:, :2] * 10).astype(np.float32),
        clusters=clusters,
        descriptions=tuple(_description(recipe, c) for c in range(n_clusters)),
        seeds=_seeds(recipe, n),
        tag_model=None,
        top_tags=_top_tags(recipe, labels),
        settings={},
    )


def _photos(recipe: Recipe, root: Path, labels: np.ndarray, *, write: bool) -> tuple[Photo, ...]:
    copies = dict(recipe.copies)
    photos = []
    for i, label in enumerate(labels):
        name = recipe.names[i] if i < len(recipe.names) else f"{i:03d}.jpg"
        digest = hashlib.sha256(f"{i} {name!r}".encode()).hexdigest()
        if write:
            width = recipe.side_pixels * (3 if i % 3 == 0 else 2) // 2
            image = Image.new("RGB", (width, recipe.side_pixels), COLOURS[label % 4])
            image.paste((250 - 9 * i % 200, 20, 20), (0, 0, width // 3, width // 3))
            exif = Image.Exif()
            exif[0x010E] = "a secret description"
            exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (48.0, 51.0, 29.0), 29: "secret place"})
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            image.save(root / name, "JPEG", exif=exif, comment=b"a secret comment")
        photos.append(Photo(digest, (name, copies[i]) if i in copies else (name,)))
    return tuple(photos)


def _description(recipe: Recipe, cluster: int) -> ClusterDescription:
    name = recipe.cluster_names[cluster % len(recipe.cluster_names)]
    tags = ((recipe.vocabulary[cluster % len(recipe.vocabulary)], 0.8),) if recipe.vocabulary else ()
    return ClusterDescription(name, tags, "tags" if tags else "number")


def _seeds(recipe: Recipe, n: int) -> SeedTags:
    rows = [photo for photo in recipe.labelled if photo < n and recipe.vocabulary]
    matrix = np.zeros((len(rows), len(recipe.vocabulary)), dtype=bool)
    for row in range(len(rows)):
        matrix[row, row % len(recipe.vocabulary)] = True
    return SeedTags(recipe.vocabulary, np.array(rows, dtype=np.int32), matrix)


def _top_tags(recipe: Recipe, labels: np.ndarray) -> TopTags:
    """The cluster's own tag at 0.9, the next in the vocabulary at 0.3, then one that is not worth showing."""
    n_tags = len(recipe.vocabulary)
    if n_tags == 0:
        return TopTags.none(len(labels))
    tags = (labels[:, None] + np.arange(3)) % n_tags
    return TopTags.without_shares(tags.astype(np.int32), np.tile(np.float32([0.9, 0.3, 0.02]), (len(labels), 1)))
