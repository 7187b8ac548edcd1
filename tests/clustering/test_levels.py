from __future__ import annotations

import numpy as np
import pytest

from clustertags.clustering.levels import branches, cut_by_description, hierarchy, walk_among
from clustertags.clustering.map_equation import group_cost, group_flow, xlogx
from clustertags.types import Neighbours


def ring_of(*groups: int) -> Neighbours:
    """Groups in which everyone is everyone's neighbour, and nobody is outside."""
    indices, start = [], 0
    width = min(groups) - 1
    for size in groups:
        indices += [[start + (i + step) % size for step in range(1, width + 1)] for i in range(size)]
        start += size
    table = np.array(indices, np.int32)
    return Neighbours(table, np.ones(table.shape, np.float32))


def merges(*rows: tuple[int, int, float, int]) -> np.ndarray:
    return np.array(rows, np.float64)


def description(neighbours: Neighbours, labels: np.ndarray) -> float:
    flow = group_flow(neighbours.indices, neighbours.similarities, labels.astype(np.int32), int(labels.max()) + 1)
    exits = flow.visits - flow.inner
    return float(xlogx(exits.sum()) + group_cost(exits, flow.visits).sum())


def test_two_groups_that_never_meet_are_worth_one_bit_less() -> None:
    neighbours = ring_of(6, 6)
    whole, halves = np.zeros(12), np.repeat([0, 1], 6)
    assert description(neighbours, whole) == pytest.approx(0)
    assert description(neighbours, halves) == pytest.approx(-np.log(2))


def test_flow_is_a_share_of_all_steps() -> None:
    flow = group_flow(ring_of(6, 6).indices, np.ones((12, 5), np.float32), np.repeat([0, 1], 6).astype(np.int32), 2)
    assert flow.visits.tolist() == pytest.approx([0.5, 0.5])
    assert flow.inner.tolist() == pytest.approx([0.5, 0.5])


def chain_tree(sizes: list[int], heights: list[float]) -> np.ndarray:
    """Groups of photos joined one photo at a time at heights near 1, and the groups in turn at `heights`."""
    n = sum(sizes)
    rows: list[tuple[int, int, float, int]] = []
    roots, start, node = [], 0, n
    for size in sizes:
        at = start
        for i in range(1, size):
            rows.append((at, start + i, 1.0 + 0.001 * i, i + 1))
            at, node = node, node + 1
        roots.append((at, size))
        start += size
    at, total = roots[0]
    for (other, size), height in zip(roots[1:], heights, strict=True):
        total += size
        rows.append((at, other, height, total))
        at, node = node, node + 1
    return merges(*rows)


def test_branches_of_a_tree_of_three_groups() -> None:
    shape = branches(chain_tree([8, 8, 8], [2.0, 3.0]), 5)
    assert len(shape.parents) == 5
    assert len(shape.leaves) == 3
    assert (shape.parents[1:] < np.arange(1, 5)).all()
    assert len(set(shape.ends[:8])) == 1 and len(set(shape.ends)) == 3


def cut(
    tree: np.ndarray, neighbours: Neighbours, size: int = 5, breadth: float = 1.0, modularity: float = 1.0
) -> np.ndarray:
    walk = walk_among(np.arange(len(tree) + 1), neighbours)
    return cut_by_description(hierarchy(tree, neighbours, size, walk), breadth, modularity=modularity)


def test_a_branch_whose_photos_are_neighbours_is_kept_whole() -> None:
    tree = chain_tree([8, 8, 16], [2.0, 3.0])
    apart, together = ring_of(8, 8, 16), ring_of(16, 16)
    assert cut(tree, apart).max() == 2
    labels = cut(tree, together)
    assert labels.max() == 1
    assert len(set(labels[:16].tolist())) == 1


@pytest.mark.parametrize("modularity", [0.0, 1.0])
def test_more_breadth_gives_broader_groups(modularity: float) -> None:
    draw = np.random.default_rng(0)
    table = ring_of(8, 8, 16).indices.copy()
    table[:16, 0] = (draw.integers(0, 8, 16) + np.repeat([8, 0], 8)).astype(np.int32)
    table[:16, 1] = (draw.integers(0, 8, 16) + np.repeat([8, 0], 8)).astype(np.int32)
    neighbours = Neighbours(table, np.ones(table.shape, np.float32))
    tree = chain_tree([8, 8, 16], [2.0, 3.0])
    narrow = cut(tree, neighbours, breadth=0.1, modularity=modularity)
    broad = cut(tree, neighbours, breadth=4.0, modularity=modularity)
    assert narrow.max() == 2
    assert broad.max() == 1


def test_a_tree_without_branches_leaves_all_unclustered() -> None:
    neighbours = ring_of(4, 4)
    labels = cut(chain_tree([4, 4], [2.0]), neighbours, 50)
    assert (labels == -1).all()
