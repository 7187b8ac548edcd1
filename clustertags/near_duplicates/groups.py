"""Groups from pairs of photos that show the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Int32

NO_GROUP = -1

Test = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.bool_]]
"""Whether the photos of each pair, given as two arrays of indices, show the same."""


def connected(first: NDArray[np.intp], second: NDArray[np.intp], n_photos: int) -> Int32:
    """(n_photos,) int32, the connected component of each photo in the graph of these pairs, numbered by first photo."""
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    graph = coo_array((np.ones(len(first), np.bool_), (first, second)), shape=(n_photos, n_photos))
    return np.asarray(connected_components(graph, directed=False)[1], np.int32)


def groups_about_hubs(first: NDArray[np.intp], second: NDArray[np.intp], n_photos: int, test: Test) -> Int32:
    """(n_photos,) int32: a number for each group of two photos or more, `NO_GROUP` for the others.

    A chain of photos, each like the next, may lead from one picture to another. So a group is the photo with the most
    pairs in a connected component and those that pass `test` with it; the rest of the component is grouped in turn.
    """
    groups = np.full(n_photos, NO_GROUP, np.int32)
    if not len(first):
        return groups
    component = connected(first, second, n_photos)
    order = np.argsort(component[first], kind="stable")
    starts = np.flatnonzero(np.diff(component[first][order])) + 1
    n_groups = 0
    for pairs in np.split(order, starts):
        while len(pairs):
            group = _about_hub(first[pairs], second[pairs], test)
            groups[group] = n_groups
            n_groups += 1
            pairs = pairs[(groups[first[pairs]] == NO_GROUP) & (groups[second[pairs]] == NO_GROUP)]  # noqa: PLW2901
    return groups


def join_groups(groups: Int32, newer: NDArray[np.intp], older: NDArray[np.intp]) -> Int32:
    """The groups after photos joined: each of them, in its order, joins the group of the first photo that it shows the
    same as, or makes one with it.

    `groups`: (n_photos,) int32, `NO_GROUP` for those that joined; pairs of photos that show the same, by falling
    likeness, `newer` the one that joined later.
    """
    joined = groups.copy()
    n_groups = int(joined.max(initial=NO_GROUP)) + 1
    for photo in np.unique(newer).tolist():
        like = int(older[newer == photo][0])
        if joined[like] == NO_GROUP:
            joined[like] = n_groups
            n_groups += 1
        joined[photo] = joined[like]
    return joined


def _about_hub(first: NDArray[np.intp], second: NDArray[np.intp], test: Test) -> NDArray[np.intp]:
    photos, links = np.unique(np.concatenate([first, second]), return_counts=True)
    if len(photos) == 2:
        return photos
    hub = photos[links.argmax()]
    linked = np.union1d(first[second == hub], second[first == hub])
    others = np.setdiff1d(photos, [*linked, hub])
    if len(others):
        linked = np.concatenate([linked, others[test(np.full(len(others), hub), others)]])
    return np.append(linked, hub)
