from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from clustertags.neighbours import assign, nearest
from clustertags.types import UNCLUSTERED, Neighbours
from tests.made.clusters import clusters_of


def unit(n: int, d: int = 24, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("n", [1, 40, 700, 3000])
def test_nearest_is_exact(n: int) -> None:
    space, queries = unit(n), unit(30, seed=1)
    found = nearest(space, queries, 7)
    similarities = np.round(queries.astype(np.float64) @ space.T.astype(np.float64), 6)
    expected = np.argsort(-similarities, axis=1, kind="stable")[:, :7]
    assert np.array_equal(found.indices, expected)
    assert np.allclose(found.similarities, np.take_along_axis(similarities, expected, 1), atol=1e-6)


def test_a_photo_has_the_same_neighbours_alone_and_in_any_batch() -> None:
    space, queries = unit(2500, 64), unit(333, 64, seed=1)
    together = nearest(space, queries, 15)
    backwards = nearest(space, queries[::-1].copy(), 15)
    assert np.array_equal(together.indices, backwards.indices[::-1])
    for i in range(0, 333, 37):
        alone = nearest(space, queries[i : i + 1], 15)
        assert np.array_equal(alone.indices[0], together.indices[i])
        assert np.array_equal(alone.similarities[0], together.similarities[i])


def test_equal_photos_come_in_their_order() -> None:
    space = np.repeat(unit(3), 400, axis=0)
    found = nearest(space, space, 5, exclude_self=True)
    assert found.indices[2].tolist() == [0, 1, 3, 4, 5]
    assert found.indices[401].tolist() == [400, 402, 403, 404, 405]


def test_no_more_neighbours_than_there_are_photos() -> None:
    space = unit(4)
    assert nearest(space, space, 9).indices.shape == (4, 4)
    assert nearest(space, space, 9, exclude_self=True).indices.shape == (4, 3)
    assert nearest(space[:1], space[:1], 9, exclude_self=True).indices.shape == (1, 0)
    assert nearest(space, space[:0], 2).indices.shape == (0, 2)


def voted(indices: list[int], labels: list[int], similarities: list[float] | None = None) -> tuple[int, float]:
    weights = [0.5] * len(indices) if similarities is None else similarities
    answer = assign(Neighbours(np.array([indices], np.int32), np.array([weights], np.float32)), clusters_of(labels))
    return int(answer.labels[0]), float(answer.scores[0])


def test_the_cluster_of_most_neighbours_wins_with_its_share() -> None:
    assert voted([0, 1, 2, 3], [0, 0, 0, 1]) == (0, pytest.approx(0.75))


def test_closer_neighbours_weigh_more() -> None:
    assert voted([0, 1, 2], [0, 1, 1], [0.9, 0.2, 0.2])[0] == 0


def test_no_clear_winner_leaves_a_photo_unclustered() -> None:
    assert voted([0, 1, 2, 3], [0, 0, 1, 1]) == (UNCLUSTERED, 0.0)
    assert voted([0, 1, 2, 3], [0, -1, -1, -1]) == (UNCLUSTERED, 0.0)
    assert voted([0, 1], [-1, -1]) == (UNCLUSTERED, 0.0)


def test_opposite_neighbours_have_no_vote() -> None:
    assert voted([0, 1], [0, 0], [-0.4, -0.2]) == (UNCLUSTERED, 0.0)


def test_tagging_imports_nothing_heavy() -> None:
    code = (
        "import sys; import clustertags.neighbours, clustertags.clustering.representatives; "
        "print({'torch','scipy','sklearn','umap','hdbscan','numba','threadpoolctl'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
