"""Near-duplicates by their features alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.near_duplicates.groups import connected
from clustertags.types import Float32

NEAR_DUPLICATE = 0.98
"""Photos with a larger cosine are near-duplicates whatever their pixels: frames of a burst. Of resized, recompressed
and cropped copies fewer than half have one: see `by_pictures`."""

_CHUNK_PAIRS = 1 << 22


def near_duplicate_groups(values: Float32) -> NDArray[np.intp]:
    """(n,) the group of each row of (n, n_features) unit vectors: connected components of the pairs whose cosine is
    above `NEAR_DUPLICATE`. Groups are numbered by their first row.
    """
    n = len(values)
    rows: list[NDArray[np.intp]] = []
    columns: list[NDArray[np.intp]] = []
    step = max(1, _CHUNK_PAIRS // max(n, 1))
    for start in range(0, n, step):
        row, column = np.nonzero(values[start : start + step] @ values.T > NEAR_DUPLICATE)
        rows.append(row + start)
        columns.append(column)
    return connected(np.concatenate(rows), np.concatenate(columns), n).astype(np.intp)
