from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.settings import ClusteringSettings
from clustertags.errors import PhotosError
from clustertags.neighbours import nearest
from clustertags.types import Reduction
from tests.clustering.conftest import MadeLibrary, made_library
from tests.made.features import as_features

SETTINGS = ClusteringSettings()


def digest(reduction: Reduction) -> str:
    together = reduction.space.tobytes() + reduction.embedding.tobytes() + reduction.map.tobytes()
    return hashlib.sha256(together).hexdigest()


def purity(positions: np.ndarray, kinds: np.ndarray) -> float:
    """Share of photos whose nearest other photo in the layout is of their kind."""
    squared = ((positions[:, None] - positions[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    return float((kinds[squared.argmin(axis=1)] == kinds).mean())


def test_shapes_and_finite_numbers(seven_broad_kinds: MadeLibrary) -> None:
    reduction = reduce_features(seven_broad_kinds.features, SETTINGS, seed=0)
    n = len(seven_broad_kinds.features)
    assert reduction.space.shape == (n, 64)
    assert reduction.embedding.shape == (n, 10)
    assert reduction.map.shape == (n, 2)
    assert np.isfinite(reduction.embedding).all() and np.isfinite(reduction.map).all()
    assert np.allclose(np.linalg.norm(reduction.space, axis=1), 1, atol=1e-5)


def test_kinds_stay_together_in_the_embedding_and_on_the_map(unequal_kinds: MadeLibrary) -> None:
    reduction = reduce_features(unequal_kinds.features, SETTINGS, seed=0)
    assert purity(reduction.embedding, unequal_kinds.kinds) > 0.97
    assert purity(reduction.map, unequal_kinds.kinds) > 0.95


def test_the_space_is_the_projection_of_the_features(unequal_kinds: MadeLibrary) -> None:
    reduction = reduce_features(unequal_kinds.features, SETTINGS, seed=0)
    one_by_one = np.concatenate([reduction.projection.project(row[None]) for row in unequal_kinds.features.values])
    assert np.abs(one_by_one - reduction.space).max() < 1e-5
    found = nearest(reduction.space, one_by_one, 1)
    assert np.array_equal(found.indices[:, 0], np.arange(len(one_by_one)))


def test_another_seed_gives_another_layout(unequal_kinds: MadeLibrary) -> None:
    first = reduce_features(unequal_kinds.features, SETTINGS, seed=0)
    assert not np.array_equal(first.map, reduce_features(unequal_kinds.features, SETTINGS, seed=1).map)


def test_the_same_bits_in_another_process_and_on_one_thread(unequal_kinds: MadeLibrary) -> None:
    here = digest(reduce_features(made_library([300, 300], seed=3).features, SETTINGS, seed=5))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_reduction import *\n"
        "print(digest(reduce_features(made_library([300, 300], seed=3).features, SETTINGS, seed=5)))"
    )
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    if hasattr(os, "sched_setaffinity"):
        command = [sys.executable, "-c", "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n" + code,
                   str(Path(__file__).parent)]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=one_thread)
    assert result.stdout.strip() == here


@pytest.mark.parametrize("n", [1, 2, 3, 5, 12, 20])
def test_few_photos(n: int) -> None:
    features = made_library([n]).features
    reduction = reduce_features(features, SETTINGS, seed=0)
    assert reduction.map.shape == (n, 2)
    assert np.isfinite(reduction.map).all() and np.isfinite(reduction.embedding).all()


@pytest.mark.parametrize("n", [2, 3, 30, 300])
def test_photos_that_are_all_the_same(n: int) -> None:
    reduction = reduce_features(as_features(np.ones((n, 160))), SETTINGS, seed=0)
    assert np.isfinite(reduction.space).all()
    assert np.isfinite(reduction.embedding).all() and np.isfinite(reduction.map).all()


def test_duplicates_among_others_are_finite(unequal_kinds: MadeLibrary) -> None:
    values = np.concatenate([unequal_kinds.features.values, np.repeat(unequal_kinds.features.values[:1], 60, axis=0)])
    reduction = reduce_features(as_features(values.astype(np.float64)), SETTINGS, seed=0)
    assert np.isfinite(reduction.embedding).all() and np.isfinite(reduction.map).all()


def test_no_photo_is_an_error() -> None:
    with pytest.raises(PhotosError, match="no readable photo"):
        reduce_features(as_features(np.zeros((0, 160))), SETTINGS, seed=0)


def test_progress_ends_at_its_total(unequal_kinds: MadeLibrary) -> None:
    seen: list[tuple[int, int]] = []
    reduce_features(
        unequal_kinds.features, SETTINGS, seed=0, progress=lambda _, done, total: seen.append((done, total))
    )
    assert seen[-1][0] == seen[-1][1] > 0
