"""What one stage hands to the next: frozen, its arrays read-only, its shapes checked where it is made.

Words used throughout: `features` are what the network gives, `embedding` is the UMAP space alone, `space` is the
PCA space in which neighbours are sought, `labels` are cluster numbers with `UNCLUSTERED` for none.
A *photo* is a distinct content; a *file* is a path. Two files with the same bytes are one photo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
UInt8 = NDArray[np.uint8]
Bool = NDArray[np.bool_]

UNCLUSTERED = -1

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how many are done, how many there are in all; 0 where that is not known)."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Show nothing."""


def freeze(instance: Any) -> None:
    """Make every array of a stage output read-only and contiguous."""
    for item in fields(instance):
        value = getattr(instance, item.name)
        if isinstance(value, np.ndarray):
            array = np.ascontiguousarray(value)
            if array is value and array.flags.writeable:
                array = array.view()
            array.flags.writeable = False
            object.__setattr__(instance, item.name, array)


def _check(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)


@dataclass(frozen=True, slots=True)
class Photo:
    """A distinct photo: its content and every file that holds it.

    `paths` are relative to the photo folder, with `/` between the parts, as `os.fsdecode` gives them, sorted.
    `content_hash` is the SHA-256 of the file's bytes in hexadecimal. `companions` are files of the same names that
    go with it, of other content: its RAW file, the video of a Live Photo; paths as `paths`, sorted.
    """

    content_hash: str
    paths: tuple[str, ...]
    companions: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return self.paths[0]

    @property
    def files(self) -> tuple[str, ...]:
        """All of its paths, those of companions last."""
        return self.paths + self.companions


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is not used, and why. `is_photo` tells a photo that cannot be read from what is no photo at all."""

    path: str
    reason: str
    is_photo: bool


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """All files of a folder: the photos in the order of their first path, and what is skipped."""

    root: Path
    photos: tuple[Photo, ...]
    skipped: tuple[SkippedFile, ...]

    @property
    def n_files(self) -> int:
        return sum(len(photo.files) for photo in self.photos) + len(self.skipped)


@dataclass(frozen=True, slots=True)
class Features:
    """The network's penultimate outputs.

    `values`: (n_photos, n_features) float32, rows of unit length, rounded to float16 as the catalogue keeps them.
    `norms`: (n_photos,) float32, the length each row had before; `values * norms[:, None]` is the classifier's input.
    """

    values: Float32
    norms: Float32

    def __post_init__(self) -> None:
        _check(self.values.ndim == 2, f"features must be two-dimensional, not {self.values.shape}")
        _check(self.norms.shape == self.values.shape[:1], "features and norms differ in length")
        freeze(self)

    def __len__(self) -> int:
        return len(self.values)

    def take(self, indices: NDArray[Any]) -> Features:
        return Features(self.values[indices], self.norms[indices])


@dataclass(frozen=True, slots=True)
class Classifier:
    """The backbone's own linear classifier over ImageNet: `logits = values * norms @ weight.T + bias`.

    `weight`: (n_classes, n_features) float32; `bias`: (n_classes,) float32. For the packaged networks the classes are
    the 1,000 of ImageNet in the usual order.
    """

    weight: Float32
    bias: Float32

    def __post_init__(self) -> None:
        _check(self.weight.ndim == 2 and self.bias.shape == self.weight.shape[:1], "classifier shapes differ")
        freeze(self)

    def probabilities(self, features: Features) -> Float32:
        """Softmax over the classes: (n_photos, n_classes) float32."""
        logits = (features.values * features.norms[:, None]) @ self.weight.T + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        return np.asarray(logits / logits.sum(axis=1, keepdims=True), np.float32)


@dataclass(frozen=True, slots=True)
class Projection:
    """PCA: `project` maps features to the space in which neighbours are sought.

    `mean`: (n_features,) float32; `components`: (n_features, n_components) float32.
    """

    mean: Float32
    components: Float32

    def __post_init__(self) -> None:
        _check(self.components.shape[:1] == self.mean.shape, "mean and components differ in length")
        freeze(self)

    def project(self, values: Float32) -> Float32:
        """(n_photos, n_components) float32, rows of unit length, so that a dot product is a cosine."""
        # In float64, so that rounding does not depend on how many photos are projected at once.
        space = (values.astype(np.float64) - self.mean) @ self.components.astype(np.float64)
        norms = np.linalg.norm(space, axis=1, keepdims=True)
        return np.asarray(space / np.maximum(norms, 1e-12), np.float32)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest fitted photos of each query, nearest first.

    `indices`: (n_queries, k) int32 into the fitted photos; `similarities`: (n_queries, k) float32 cosines.
    """

    indices: Int32
    similarities: Float32

    def __post_init__(self) -> None:
        _check(self.indices.shape == self.similarities.shape, "indices and similarities differ in shape")
        freeze(self)

    def take(self, rows: NDArray[Any] | slice) -> Neighbours:
        """The neighbours of these queries."""
        return Neighbours(self.indices[rows], self.similarities[rows])


@dataclass(frozen=True, slots=True)
class Reduction:
    """`projection` and `space` as above; `embedding`: (n_photos, n_components) float32 of UMAP, what is clustered;
    `map`: (n_photos, 2) float32 of a second UMAP, for the eye alone.
    """

    projection: Projection
    space: Float32
    embedding: Float32
    map: Float32

    def __post_init__(self) -> None:
        n = len(self.space)
        _check(len(self.embedding) == n and self.map.shape == (n, 2), "space, embedding and map differ in length")
        freeze(self)


@dataclass(frozen=True, slots=True)
class Clusters:
    """A flat clustering of the fitted photos.

    `labels`: (n_photos,) int32, 0 .. n_clusters-1 by size at the fit, largest first, or `UNCLUSTERED`.
    `probabilities`: (n_photos,) float32 in 0..1, how firmly a photo belongs to its cluster (0 where unclustered).
    `noise`: (n_photos,) bool, what HDBSCAN itself left out; some of it has a label by the vote of its neighbours.
    `medoids`: (n_clusters,) int32, the photo nearest to all others of its cluster.
    `stability`: (n_clusters,) float32 in 0..1, how well the cluster comes back under other seeds and subsamples.
    `parents`: (n_levels, n_clusters) int32, the group of each cluster at ever coarser levels (0 levels where flat);
    each level's groups are unions of the last one's, numbered by photos, most first.
    """

    labels: Int32
    probabilities: Float32
    noise: Bool
    medoids: Int32
    stability: Float32
    parents: Int32

    def __post_init__(self) -> None:
        n, k = len(self.labels), len(self.medoids)
        _check(self.probabilities.shape == (n,) and self.noise.shape == (n,), "one probability and flag a photo")
        _check(self.stability.shape == (k,), "one stability a cluster")
        _check(self.parents.ndim == 2 and self.parents.shape[1] == k, "one parent a cluster at each level")
        _check(n == 0 or int(self.labels.max(initial=-1)) == k - 1, "labels must be 0 .. n_clusters-1")
        freeze(self)

    @property
    def n_clusters(self) -> int:
        return len(self.medoids)

    @property
    def n_unclustered(self) -> int:
        return int((self.labels == UNCLUSTERED).sum())

    def sizes(self) -> NDArray[np.intp]:
        """(n_clusters,) photos in each cluster."""
        return self._count(self.labels)

    def sizes_among(self, photos: NDArray[Any]) -> NDArray[np.intp]:
        """(n_clusters,) how many of `photos`, indices, are in each cluster."""
        return self._count(self.labels[photos])

    def _count(self, labels: Int32) -> NDArray[np.intp]:
        return np.bincount(labels[labels != UNCLUSTERED], minlength=self.n_clusters)

    def members(self, cluster: int) -> NDArray[np.intp]:
        return np.flatnonzero(self.labels == cluster)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where new photos belong: `labels` and `scores` (n_queries,), the score the share of the vote in 0..1."""

    labels: Int32
    scores: Float32

    def __post_init__(self) -> None:
        _check(self.labels.shape == self.scores.shape, "labels and scores differ in length")
        freeze(self)


@dataclass(frozen=True, slots=True)
class SeedTags:
    """The tags that the person gave.

    `vocabulary`: the distinct tags, sorted. `photos`: (n_labelled,) int32 into the fitted photos, ascending.
    `matrix`: (n_labelled, n_tags) bool. `notices`: what was wrong with some rows, one sentence each. `none`: (n_none,)
    int32, ascending, photos that the person said show none of the tags. `partial`: (n_labelled,) bool, photos of which
    only single tags were accepted or rejected, None for none: of their other tags nothing is known. `rejected`:
    (n_labelled, n_tags) bool, the rejected ones, None for none.
    """

    vocabulary: tuple[str, ...]
    photos: Int32
    matrix: Bool
    notices: tuple[str, ...] = ()
    none: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    partial: Bool | None = None
    rejected: Bool | None = None

    def __post_init__(self) -> None:
        shape = (len(self.photos), len(self.vocabulary))
        _check(self.matrix.shape == shape, "one row a photo and one column a tag")
        _check(self.partial is None or self.partial.shape == shape[:1], "one flag of partial labels a photo")
        _check(self.rejected is None or self.rejected.shape == shape, "rejected tags differ in shape from the tags")
        freeze(self)

    @property
    def n_labelled(self) -> int:
        return len(self.photos)

    @property
    def reviewed(self) -> Int32:
        """(n_labelled + n_none,) int32, ascending: the photos of which the person said what they show."""
        return np.union1d(self.photos, self.none).astype(np.int32)

    @property
    def stated(self) -> Bool | None:
        """(n_labelled, n_tags) bool: of which tags it is known whether the photo has them; None where of all."""
        if self.partial is None or not self.partial.any():
            return None
        said = self.matrix | ~self.partial[:, None]
        return said if self.rejected is None else said | self.rejected

    @property
    def in_full(self) -> Bool:
        """(n_labelled,) bool: the photos of which all tags are known."""
        return np.ones(self.n_labelled, np.bool_) if self.partial is None else ~self.partial

    def take(self, rows: Any, columns: Any) -> SeedTags:
        """Those of some labelled photos and of some tags, both as a mask or as ascending indices."""
        return replace(
            self,
            vocabulary=tuple(np.array(self.vocabulary, object)[columns]),
            photos=self.photos[rows],
            matrix=self.matrix[rows][:, columns],
            partial=None if self.partial is None else self.partial[rows],
            rejected=None if self.rejected is None else self.rejected[rows][:, columns],
        )


@dataclass(frozen=True, slots=True)
class ClusterDescription:
    """What a cluster is called and why: `tags`, most frequent first, with the share in 0..1 of its labelled photos that
    carry each; `source` is "tags" where the tags name it, "hierarchy" where the ImageNet classes do, "number" where
    nothing does, "person" where the person gave the name; `automatic` is then the name that it would have. `expected`:
    for each of `tags` the share of all its photos that are expected to show it; empty where that is not known.
    """

    name: str
    tags: tuple[tuple[str, float], ...]
    source: str
    n_labelled: int = 0
    automatic: str = ""
    expected: tuple[float, ...] = ()

    def n_carrying(self, tag: int) -> int:
        """Labelled photos that carry one of `tags`, by its place."""
        return round(self.tags[tag][1] * self.n_labelled)
