"""Copies of photos form a group in a library fitted to them, and other photos do not."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clustertags.browsing.duplicates import near_duplicates
from clustertags.clustering.settings import ClusteringSettings
from clustertags.features.conversion import ConvertedBackbone
from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.near_duplicates.by_pictures import find_near_duplicates
from clustertags.neighbours import nearest
from clustertags.photos.small_picture import small_picture
from clustertags.workflows.fit import FitSettings, FitSummary, fit
from tests.made.scenes import COPIES, made_scene, write_copies, write_mirrored, write_scenes

COPIED, MIRRORED, ALL = range(6), range(4, 8), range(24)
EXPECTED = [{f"{number:03d}-{kind}.jpg" for kind in ("original", *COPIES)} for number in COPIED]


def fit_again(folder: Path) -> FitSummary:
    return fit(FitSettings(folder / "photos", artifacts=folder / "artifacts", clustering=ClusteringSettings(n_runs=1)))


def groups_of(library: FittedLibrary) -> list[set[str]]:
    groups = near_duplicates(library)
    return sorted(({library.photos[photo].path for photo in group.photos} for group in groups), key=min)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, prepared: ConvertedBackbone) -> Path:
    """A library of 24 scenes, six of them with copies and two of these and two more mirrored."""
    folder = tmp_path_factory.mktemp("copies")
    write_scenes(folder / "photos", ALL)
    write_copies(folder / "photos", COPIED)
    write_mirrored(folder / "photos", MIRRORED)
    fit_again(folder)
    return folder


def test_copies_are_found_and_no_others_and_no_mirrored_ones(folder: Path) -> None:
    library = load_library(Artifacts(folder / "artifacts").current())
    assert groups_of(library) == EXPECTED


def test_hidden_photos_are_in_no_group(folder: Path) -> None:
    library = load_library(Artifacts(folder / "artifacts").current())
    hidden = [at for at, photo in enumerate(library.photos) if photo.path.startswith(("000-original", "001-"))]
    shown = replace(library, hidden=np.array(hidden, np.int32))
    assert groups_of(shown) == [EXPECTED[0] - {"000-original.jpg"}, *EXPECTED[2:]]


def test_photos_of_an_earlier_version_are_not_read_again_and_compared_by_features(folder: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(folder, tmp_path / "own"))
    connection = sqlite3.connect(own / "artifacts" / "library.sqlite")
    connection.execute("DROP TABLE pictures")
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
    again = fit_again(own)
    assert again.n_decoded == 0
    space, neighbours, groups = again.library.space, again.library.neighbours, again.library.duplicate_groups
    assert neighbours is not None
    assert groups is not None
    by_features = find_near_duplicates(space, neighbours, np.zeros((len(space), 32, 32), np.uint8))
    np.testing.assert_array_equal(groups, by_features)


def test_without_pictures_only_equal_features_make_a_near_duplicate() -> None:
    angles = np.array([0.0, 0.1, 1.0, 1.3])  # cosines 0.995 and 0.955
    space = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    neighbours = nearest(space, space, 15, exclude_self=True)
    assert find_near_duplicates(space, neighbours, np.zeros((4, 32, 32), np.uint8)).tolist() == [0, 0, -1, -1]


def test_mirrored_photos_are_told_apart_however_near_their_features_are() -> None:
    scenes = [made_scene(1), made_scene(1).transpose(Image.Transpose.FLIP_LEFT_RIGHT), made_scene(2)]
    pictures = np.stack([small_picture(np.asarray(scene)) for scene in scenes])
    space = np.array([[1, 0], [0.999, 0.0447], [0.998, 0.0632]], np.float32)
    two = nearest(space[:2], space[:2], 15, exclude_self=True)
    assert find_near_duplicates(space[:2], two, pictures[:2]).tolist() == [-1, -1]
    others = nearest(space[::2], space[::2], 15, exclude_self=True)
    assert find_near_duplicates(space[::2], others, pictures[::2]).tolist() == [0, 0], "a burst may move"


@pytest.mark.parametrize("n", [1, 2])
def test_a_library_of_few_photos_has_no_groups(n: int) -> None:
    space = np.eye(2, dtype=np.float32)[:n]
    neighbours = nearest(space, space, 15, exclude_self=True)
    assert find_near_duplicates(space, neighbours, np.zeros((n, 32, 32), np.uint8)).tolist() == [-1] * n
