"""The photos that joined a library after its fit: how many, and whether they make a refit worthwhile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustertags.evaluation.intervals import wilson
from clustertags.library.model import FittedLibrary
from clustertags.neighbours import assign
from clustertags.types import UNCLUSTERED

LEAST_NOWHERE = 10
"""Fewer photos that fit nowhere are no kind of their own."""


@dataclass(frozen=True, slots=True)
class AddedPhotos:
    """Photos that joined after the fit.

    Attributes
    ----------
    n_added : int
        How many, hidden ones apart.
    n_nowhere : int
        Those of them in no cluster.
    usual_share : float
        The share of the fit's own photos that the vote of their neighbours would leave in no cluster, in 0..1.
    refit : bool
        Whether a new fit is worthwhile: at least `LEAST_NOWHERE` photos fit nowhere, and the lower end of the 95 %
        interval of their share (Wilson 1927) is above `usual_share`.
    """

    n_added: int
    n_nowhere: int
    usual_share: float
    refit: bool


def added_photos(library: FittedLibrary) -> AddedPhotos:
    """Those of a library; by the vote both for them and for the fit's own photos, so that the shares compare."""
    added = library.visible()
    added[: library.n_fitted] = False
    n_added = int(added.sum())
    n_nowhere = int((library.clusters.labels[added] == UNCLUSTERED).sum())
    usual = _usual_share(library)
    low = wilson(n_nowhere, n_added).low
    refit = n_nowhere >= LEAST_NOWHERE and low is not None and low > usual
    return AddedPhotos(n_added, n_nowhere, usual, refit)


def _usual_share(library: FittedLibrary) -> float:
    own = np.flatnonzero(library.visible()[: library.n_fitted])
    if not len(own):
        return 0.0
    if library.neighbours is None:
        return float((library.clusters.labels[own] == UNCLUSTERED).mean())
    return float((assign(library.neighbours.take(own), library.clusters).labels == UNCLUSTERED).mean())
