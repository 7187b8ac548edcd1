"""Cut HDBSCAN's tree by the map equation.

HDBSCAN's own rules consider the density of one branch: excess of mass may stop at two or three huge clusters, and
leaves split everything. Here a branch is kept whole where that shortens the map equation's description of all photos,
so that one library can have broad and narrow clusters.

Taken as it stands, the map equation finds finer groups than people mean: a kind whose photos vary without a gap is cut
into pieces as wide as the walker sees, which Schaub, Lambiotte, Barahona 2012 call its field of view. Here the walker
takes `_TIME` steps between two observations, along UMAP's ties, which are weaker across gaps, so that small distinct
kinds stay apart. So long a walk would join all photos of a small or diffuse library; the description is therefore
less the modularity of the groups (Newman, Girvan 2004): how much likelier a step is to stay in its group than one
between two photos at random. One large group has none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.density import join_by_vote
from clustertags.clustering.graph import ties
from clustertags.clustering.map_equation import group_cost, group_flow, xlogx
from clustertags.types import UNCLUSTERED, Float32, Float64, Int32, Neighbours

# To first order, leaving a group is `_TIME` times as likely. Both constants are settled in docs/results/clusters.md.
_TIME = 1.75
_MODULARITY = 1.0  # nats a step


@dataclass(frozen=True, slots=True)
class Branches:
    """HDBSCAN's condensed tree. Node ids are dense, the root is 0, and a child's id is larger than its parent's.

    `parents`: (n_nodes,) the parent of each node, -1 for the root. `leaves`: the nodes without children, ascending.
    `ends`: (n_photos,) the deepest node each photo belongs to.
    """

    parents: NDArray[np.intp]
    leaves: NDArray[np.intp]
    ends: NDArray[np.intp]


def branches(tree: Float64, min_cluster_size: int) -> Branches:
    """The condensed tree of `density_tree`'s result: branches of fewer photos than `min_cluster_size` fall off."""
    from hdbscan._hdbscan_tree import condense_tree  # noqa: PLC0415

    n = len(tree) + 1
    condensed = condense_tree(tree, min_cluster_size)
    is_node = condensed["child"] >= n
    n_nodes = int(is_node.sum()) + 1
    parents = np.full(n_nodes, -1, np.intp)
    parents[condensed["child"][is_node] - n] = condensed["parent"][is_node] - n
    ends = np.zeros(n, np.intp)
    ends[condensed["child"][~is_node]] = condensed["parent"][~is_node] - n
    leaves = np.setdiff1d(np.arange(n_nodes), parents[1:])
    return Branches(parents, leaves, ends)


@dataclass(frozen=True, slots=True)
class Walk:
    """The photos of the random walk: `photos` (n_walked,) of all photos, `indices` (n_walked, k) int32 the neighbours
    among them, and `weights` (n_walked, k) float32 how likely a step to each is.
    """

    photos: NDArray[np.intp]
    indices: Int32
    weights: Float32


def walk_among(photos: NDArray[np.intp], neighbours: Neighbours) -> Walk:
    """The walk among `photos`, whose `neighbours` are numbered in their order.

    A step to a neighbour is as likely as the tie to it in the graph that UMAP lays out.
    """
    return Walk(photos, neighbours.indices, ties(neighbours))


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """What every level is cut from: the tree, and for each node, (n_nodes,) float64, the share of steps that start in
    its photos, `visits`, and that leave them, `exits`.
    """

    shape: Branches
    visits: Float64
    exits: Float64


def hierarchy(tree: Float64, neighbours: Neighbours, min_cluster_size: int, walk: Walk) -> Hierarchy:
    """The walk on the branches of `tree`, the result of `density_tree`; `tree` and `neighbours` are of all photos."""
    shape = branches(tree, min_cluster_size)
    n_nodes = len(shape.parents)
    leaf_number = np.full(n_nodes, UNCLUSTERED, np.int32)
    leaf_number[shape.leaves] = np.arange(len(shape.leaves))
    labels = join_by_vote(leaf_number[shape.ends], neighbours, require_lead=False)
    flow = group_flow(walk.indices, walk.weights, labels[walk.photos], len(shape.leaves))
    visits, inner = np.zeros(n_nodes), _meeting_flow(shape, flow.flow)
    visits[shape.leaves] = flow.visits
    for node in range(n_nodes - 1, 0, -1):
        visits[shape.parents[node]] += visits[node]
        inner[shape.parents[node]] += inner[node]
    return Hierarchy(shape, visits, np.maximum(visits - inner, 0))


def cut_by_description(
    of: Hierarchy, breadth: float = 1.0, *, time: float = _TIME, modularity: float = _MODULARITY
) -> Int32:
    """Labels (n_photos,) int32, `UNCLUSTERED` or 0 .. n-1, of the cut with the shortest description.

    From the leaves upwards, a branch is kept whole if that shortens the description, so that one library can have broad
    and narrow clusters. More than 1 of `breadth` gives fewer and broader clusters, less than 1 more and finer ones. A
    tree without branches leaves all unclustered. `time` and `modularity`: see the module; `breadth` lengthens the walk,
    and is the inverse of the modularity's resolution (Reichardt, Bornholdt 2006).
    """
    shape = of.shape
    n_nodes = len(shape.parents)
    if n_nodes == 1:
        return np.full(len(shape.ends), UNCLUSTERED, np.int32)
    exits = breadth * time * of.exits
    cost = group_cost(exits, of.visits) - modularity * (of.visits - of.exits - of.visits**2 / breadth)
    kept = _kept_whole(shape, exits, cost)
    label_of = np.full(n_nodes, UNCLUSTERED, np.int32)
    n_clusters = 0
    for node in range(n_nodes):  # parents come before their children
        above = label_of[shape.parents[node]] if node else UNCLUSTERED
        if above != UNCLUSTERED:
            label_of[node] = above
        elif kept[node]:
            label_of[node] = n_clusters
            n_clusters += 1
    return label_of[shape.ends]


def _kept_whole(shape: Branches, exits: Float64, cost: Float64) -> NDArray[np.bool_]:
    """(n_nodes,) whether keeping a node whole, given the best cut below it, shortens the description.

    `exits` and `cost`: (n_nodes,) of each node kept whole, without the code for groups as a whole.
    """
    n_nodes = len(shape.parents)
    kept = np.zeros(n_nodes, np.bool_)
    kept[shape.leaves] = True
    below_cost: defaultdict[int, float] = defaultdict(float)
    below_exits: defaultdict[int, float] = defaultdict(float)
    total_exits = float(exits[shape.leaves].sum())
    for node in range(n_nodes - 1, -1, -1):  # children come before their parents
        if not kept[node]:
            after = total_exits - below_exits[node] + exits[node]
            whole = xlogx(after) + cost[node]
            if whole < xlogx(total_exits) + below_cost[node]:
                kept[node] = True
                total_exits = after
        parent = int(shape.parents[node])  # -1 for the root, whose entry is never read
        below_cost[parent] += cost[node] if kept[node] else below_cost[node]
        below_exits[parent] += exits[node] if kept[node] else below_exits[node]
    return kept


def _meeting_flow(shape: Branches, flow: Any) -> Float64:
    """(n_nodes,) the flow between leaves whose lowest common branch is the node."""
    meeting = np.zeros(len(shape.parents))
    pairs = flow.tocoo()
    left, right = shape.leaves[pairs.coords[0]], shape.leaves[pairs.coords[1]]
    apart = left != right
    while apart.any():
        # The larger id cannot be an ancestor of the other, so it is the one to climb.
        climb = apart & (left > right)
        left[climb] = shape.parents[left[climb]]
        climb = apart & (right > left)
        right[climb] = shape.parents[right[climb]]
        apart = left != right
    np.add.at(meeting, left, pairs.data)
    return meeting
