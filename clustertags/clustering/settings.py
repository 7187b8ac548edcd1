"""What a person may set about the clusters; what they leave out is chosen from the number of photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from clustertags.errors import UsageError

_ALL_WALKED = 5_000

Selection = Literal["auto", "eom", "leaf"]
LayoutName = Literal["built-in", "umap-learn"]
DEFAULT_LAYOUT: LayoutName = "built-in"


@dataclass(frozen=True, slots=True)
class ClusteringSettings:
    """How photos are reduced and clustered; None means: chosen from the photos.

    Parameters
    ----------
    n_pca : int
        Components of PCA, the space in which neighbours are found.
    n_neighbors : int, optional
        Photos in the neighbourhood from which UMAP builds its graph, the photo itself included.
    n_components : int
        Dimensions of the embedding that is clustered.
    min_cluster_size : int, optional
        The fewest photos that make a cluster; without it several are tried, and what is stable is kept.
    min_samples : int, optional
        HDBSCAN's smoothing of density, in photos; more leaves more photos unclustered.
    selection : {"auto", "eom", "leaf"}
        How a flat clustering is cut from HDBSCAN's tree: excess of mass, the leaves, or both tried, and excess of mass
        with very large clusters forbidden.
    n_runs : int, optional
        How many times the photos are laid out and clustered to see what is stable; 1 trusts a single run.
    layout : {"built-in", "umap-learn"}
        What lays the photos out: the built-in loop, or the package umap-learn, slower and on one thread.

    Raises
    ------
    UsageError
        Where a value is not one of the choices or too small.

    Examples
    --------
    >>> clustertags.ClusteringSettings(min_cluster_size=10).n_pca
    64
    """

    n_pca: int = 64
    n_neighbors: int | None = None
    n_components: int = 10
    min_cluster_size: int | None = None
    min_samples: int | None = None
    selection: Selection = "auto"
    n_runs: int | None = None
    layout: LayoutName = DEFAULT_LAYOUT

    def __post_init__(self) -> None:
        self._at_least("n_pca", 2)
        self._at_least("n_neighbors", 2)
        self._at_least("n_components", 2)
        self._at_least("min_cluster_size", 2)
        self._at_least("min_samples", 1)
        self._at_least("n_runs", 1)
        self._one_of("selection", get_args(Selection))
        self._one_of("layout", get_args(LayoutName))

    def _one_of(self, name: str, choices: tuple[str, ...]) -> None:
        value = getattr(self, name)
        if value not in choices:
            raise UsageError(f"{name} must be one of {', '.join(choices)}, not {value!r}")

    def _at_least(self, name: str, least: int) -> None:
        value = getattr(self, name)
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int):
            raise UsageError(f"{name} must be a whole number, not {value!r}")
        if value < least:
            raise UsageError(f"{name} must be at least {least}, not {value}")

    def neighbours_for(self, n_photos: int) -> int:
        """Neighbours of a photo in the graph, itself not counted: 14, as UMAP's 15 count it; fewer in a small set.

        Parameters
        ----------
        n_photos : int
            Photos in the library.

        Returns
        -------
        int
            At most n_photos - 1.
        """
        wanted = 14 if self.n_neighbors is None else self.n_neighbors - 1
        if self.n_neighbors is None:
            wanted = min(wanted, max(2, n_photos // 5))
        return max(1, min(wanted, n_photos - 1))

    def min_cluster_size_for(self, n_photos: int) -> int:
        """The fewest photos of a cluster: 5, a burst of shots; fewer in a small set, more in a very large library.

        Parameters
        ----------
        n_photos : int
            Photos in the library.

        Returns
        -------
        int
            Photos, at least 2.
        """
        if self.min_cluster_size is not None:
            return self.min_cluster_size
        return max(2, min(n_photos // 4, round(5 * n_photos / walked_photos(n_photos))))

    def n_runs_for(self, n_photos: int) -> int:
        """How many times the photos are clustered: 4; 3 where there are many, as luck then matters less and time more.

        Parameters
        ----------
        n_photos : int
            Photos in the library.

        Returns
        -------
        int
            Runs.
        """
        if self.n_runs is not None:
            return self.n_runs
        return 4 if n_photos <= 2 * _ALL_WALKED else 3

    def min_samples_for(self, n_photos: int) -> int:
        """HDBSCAN's smoothing: 5, fewer in a small set.

        Parameters
        ----------
        n_photos : int
            Photos in the library.

        Returns
        -------
        int
            Photos, at least 1.
        """
        return max(1, min(5, n_photos // 8)) if self.min_samples is None else self.min_samples


def walked_photos(n_photos: int) -> int:
    """How many photos the level of clusters is judged on: all up to 5,000, then growing as the square root.

    Neighbourhoods of 15 among ever more photos of the same kinds would show ever finer detail. A library ten times as
    large is so granted about three times the clusters.
    """
    return max(1, n_photos if n_photos <= _ALL_WALKED else round((_ALL_WALKED * n_photos) ** 0.5))
