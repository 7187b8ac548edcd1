"""Near-duplicates by their features alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.near_duplicates.groups import NO_GROUP, connected
from clustertags.types import Float32, Int32

NEAR_DUPLICATE = 0.98
"""Photos with a larger cosine are near-duplicates whatever their pixels: frames of a burst. Of resized, recompressed
and cropped copies fewer than half have one: see `by_pictures`."""

_CHUNK_PAIRS = 1 << 22


def near_duplicate_groups(values: Float32, recorded: Int32 | None = None) -> NDArray[np.intp]:
    """(n,) the group of each row of (n, n_features) unit vectors: connected components of the pairs whose cosine is
    above `NEAR_DUPLICATE`, and of those in one group of `recorded`, (n,) int32, if given. Numbered by their first row.
    """
    n = len(values)
    rows: list[NDArray[np.intp]] = []
    columns: list[NDArray[np.intp]] = []
    step = max(1, _CHUNK_PAIRS // max(n, 1))
    for start in range(0, n, step):
        row, column = np.nonzero(values[start : start + step] @ values.T > NEAR_DUPLICATE)
        rows.append(row + start)
        columns.append(column)
    if recorded is not None:
        grouped = np.flatnonzero(recorded != NO_GROUP)
        _, firsts, of_group = np.unique(recorded[grouped], return_index=True, return_inverse=True)
        rows.append(grouped)
        columns.append(grouped[firsts[of_group]])
    return connected(np.concatenate(rows), np.concatenate(columns), n).astype(np.intp)
