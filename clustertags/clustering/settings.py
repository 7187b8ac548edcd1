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
    """How photos are reduced and clustered. `None` means: chosen from the photos.

    `n_pca`: numbers a photo that PCA keeps; the space in which neighbours are sought.
    `n_neighbors`: photos in the neighbourhood from which UMAP builds its graph, the photo itself among them.
    `n_components`: dimensions of the embedding that is clustered.
    `min_cluster_size`: the fewest photos that make a cluster; None tries several and keeps what holds up.
    `min_samples`: HDBSCAN's smoothing of density, in photos; larger leaves more photos out.
    `selection`: how a flat clustering is cut from HDBSCAN's tree: "eom" (excess of mass), "leaf" (the finest), or
    "auto", which tries both, and excess of mass with very large clusters forbidden.
    `n_runs`: how many times the photos are laid out and clustered anew to see what holds up; 1 trusts a single run.
    `layout`: who lays the photos out: the "built-in" loop, or the package "umap-learn", slower and on one thread.
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
        """Neighbours a photo has in the graph, itself not counted: 14, as UMAP's 15 count it; fewer in a small set."""
        wanted = 14 if self.n_neighbors is None else self.n_neighbors - 1
        if self.n_neighbors is None:
            wanted = min(wanted, max(2, n_photos // 5))
        return max(1, min(wanted, n_photos - 1))

    def min_cluster_size_for(self, n_photos: int) -> int:
        """5, a burst of shots; fewer where there are hardly any photos, and more in a very large library."""
        if self.min_cluster_size is not None:
            return self.min_cluster_size
        return max(2, min(n_photos // 4, round(5 * n_photos / walked_photos(n_photos))))

    def n_runs_for(self, n_photos: int) -> int:
        """4; 3 where there are many photos, as luck then matters less and time more."""
        if self.n_runs is not None:
            return self.n_runs
        return 4 if n_photos <= 2 * _ALL_WALKED else 3

    def min_samples_for(self, n_photos: int) -> int:
        return max(1, min(5, n_photos // 8)) if self.min_samples is None else self.min_samples


def walked_photos(n_photos: int) -> int:
    """How many photos the level of clusters is judged on: all up to 5,000, then growing as the square root.

    Neighbourhoods of 15 among ever more photos of the same kinds would show ever finer detail. A library ten times as
    large is so granted about three times the clusters.
    """
    return max(1, n_photos if n_photos <= _ALL_WALKED else round((_ALL_WALKED * n_photos) ** 0.5))
