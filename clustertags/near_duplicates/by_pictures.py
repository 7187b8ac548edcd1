"""Near-duplicates among the nearest neighbours, told by small pictures of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.near_duplicates.by_features import NEAR_DUPLICATE
from clustertags.near_duplicates.groups import groups_about_hubs
from clustertags.near_duplicates.registration import coarse_correlations, prepare_pictures, registered_correlations
from clustertags.types import Bool, Float32, Int32, Neighbours

# In copies the correlation of the registered pictures plus so much of the cosine exceeds this sum. Garments of one
# outline have correlations up to 0.97 at cosines of 0.8, photos at half the size 0.98 and more at cosines down to 0.5.
_COSINE_WEIGHT, _LEAST_SUM = 0.1, 1.045

_LEAST_MIRRORED = 0.95

# Below these are fewer than one copy in 200; they save time.
_LEAST_COSINE, _LEAST_COARSE, _LEAST_COSINE_CROPPED = 0.4, 0.55, 0.7


@dataclass(frozen=True, slots=True)
class _Compared:
    """`space`: (n_photos, n_components) float32, unit rows; `prepared`: the pictures, by `prepare_pictures`."""

    space: Float32
    prepared: Float32

    def same(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> Bool:
        """(n_pairs,) bool: pairs that are copies, or nearly the same by their features and not mirrored."""
        cosines = np.einsum("ij,ij->i", self.space[first], self.space[second])
        near = cosines > NEAR_DUPLICATE
        compared = near | (coarse_correlations(self.prepared, first, second) > _LEAST_COARSE)
        same = np.zeros(len(first), np.bool_)
        # Either may be the one that is cropped, and then fits within the other better than the other over it.
        for least, under, over in ((-1, first, second), (_LEAST_COSINE_CROPPED, second, first)):
            left = np.flatnonzero(compared & ~same & (cosines > least))
            correlations = registered_correlations(self.prepared, under[left], over[left])
            same[left] = correlations + _COSINE_WEIGHT * cosines[left] > _LEAST_SUM
        unsure = np.flatnonzero(near & ~same)
        same[unsure] = ~self._mirrored(first[unsure], second[unsure])
        return same

    def _mirrored(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> Bool:
        """(n_pairs,) bool: pairs of which one is a mirrored copy of the other."""
        both = np.concatenate([self.prepared[first], self.prepared[second][:, :, ::-1]])
        own = np.arange(len(first))
        return registered_correlations(both, own, own + len(first)) > _LEAST_MIRRORED


def find_near_duplicates(space: Float32, neighbours: Neighbours, pictures: NDArray[np.uint8]) -> Int32:
    """(n_photos,) int32: a number for each group of near-duplicates, -1 for photos in none.

    Near-duplicates are resized, recompressed or slightly cropped copies, which small pictures of them tell, and photos
    with a cosine above `NEAR_DUPLICATE` in `space`. Mirrored copies are told apart.

    `space`: (n_photos, n_components) float32, unit rows; `neighbours`: the nearest other photos of each in it;
    `pictures`: (n_photos, 32, 32) uint8, a picture of a single colour where there is none.
    """
    compared = _Compared(space, prepare_pictures(pictures))
    pairs = neighbour_pairs(neighbours)
    same = compared.same(pairs[:, 0], pairs[:, 1])
    return groups_about_hubs(pairs[same, 0], pairs[same, 1], len(space), compared.same)


def neighbour_pairs(neighbours: Neighbours, first: int = 0) -> NDArray[np.intp]:
    """(n_pairs, 2) intp, ascending: photos that may show the same, each pair once, whichever of the two has the other
    among its nearest. The first of `neighbours` are those of photo `first`.
    """
    rows, places = np.nonzero(neighbours.similarities > _LEAST_COSINE)
    rows, others = rows + first, neighbours.indices[rows, places].astype(np.intp)
    return np.unique(np.stack([np.minimum(rows, others), np.maximum(rows, others)], axis=1), axis=0)


def which_show_the_same(space: Float32, pictures: NDArray[np.uint8], pairs: NDArray[np.intp]) -> Bool:
    """(n_pairs,) bool: `pairs` (n_pairs, 2) of near-duplicates; `space` and `pictures`: see `find_near_duplicates`."""
    return _Compared(space, prepare_pictures(pictures)).same(pairs[:, 0], pairs[:, 1])
