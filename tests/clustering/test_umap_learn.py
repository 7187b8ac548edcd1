"""The layout by umap-learn, and the built-in one beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from sklearn.metrics import adjusted_mutual_info_score

from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.types import Reduction
from tests.clustering.conftest import MadeLibrary, made_library
from tests.made.features import as_features

# umap-learn is compiled anew in each process, for ten seconds or more.
pytestmark = pytest.mark.slow

UMAP_LEARN = ClusteringSettings(layout="umap-learn")


def ami(library: MadeLibrary, reduction: Reduction, settings: ClusteringSettings) -> float:
    clusters = cluster_photos(reduction, settings, seed=0)
    return float(adjusted_mutual_info_score(library.kinds, clusters.labels))


def test_both_layouts_keep_neighbours_and_find_the_same_kinds() -> None:
    library = made_library([40] * 6, apart=0.25, seed=2)
    trust, agreement = {}, {}
    for layout in ("built-in", "umap-learn"):
        settings = ClusteringSettings(layout=layout, n_runs=2)
        reduction = reduce_features(library.features, settings, seed=0)
        trust[layout] = trustworthiness(reduction.space, reduction.embedding, n_neighbors=15)
        agreement[layout] = ami(library, reduction, settings)
    assert 0.5 < agreement["umap-learn"] < 0.999, "too hard or too easy to tell anything"
    assert agreement["built-in"] > agreement["umap-learn"] - 0.03
    assert trust["built-in"] > trust["umap-learn"] - 0.015


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(unequal_kinds: MadeLibrary) -> None:
    first, second, other = (reduce_features(unequal_kinds.features, UMAP_LEARN, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.embedding, second.embedding)
    assert np.array_equal(first.map, second.map)
    assert not np.array_equal(first.embedding, other.embedding)
    built_in = reduce_features(unequal_kinds.features, ClusteringSettings(), seed=3)
    assert np.array_equal(first.space, built_in.space)
    assert not np.array_equal(first.embedding, built_in.embedding)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 12, 45])
def test_few_photos(n: int) -> None:
    reduction = reduce_features(made_library([n]).features, UMAP_LEARN, seed=0)
    assert reduction.embedding.shape == (n, 10)
    assert reduction.map.shape == (n, 2)
    assert np.isfinite(reduction.map).all() and np.isfinite(reduction.embedding).all()
    assert len(cluster_photos(reduction, UMAP_LEARN, seed=0).labels) == n


def test_more_neighbours_than_there_are_photos() -> None:
    settings = ClusteringSettings(layout="umap-learn", n_neighbors=100)
    reduction = reduce_features(made_library([20]).features, settings, seed=0)
    assert np.isfinite(reduction.map).all() and np.isfinite(reduction.embedding).all()


@pytest.mark.parametrize("n", [2, 30, 300])
def test_photos_that_are_all_the_same(n: int) -> None:
    reduction = reduce_features(as_features(np.ones((n, 160))), UMAP_LEARN, seed=0)
    assert np.isfinite(reduction.embedding).all() and np.isfinite(reduction.map).all()


def test_the_built_in_layout_does_not_load_umap_learn() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from conftest import made_library\n"
        "from clustertags.clustering.reduction import reduce_features\n"
        "from clustertags.clustering.settings import ClusteringSettings\n"
        "reduce_features(made_library([20, 20]).features, ClusteringSettings(), seed=0)\n"
        "print(sorted({'umap', 'pynndescent'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
