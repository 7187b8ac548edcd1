"""The program's own recipe on features that are there: what `pipeline.fit` and `Tagger` do, without photos and files.

A layout depends on the training photos alone, not on which of them are labelled. It is made once for a set of photos,
in an order that their content gives, and kept for the other rows, budgets and draws.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.method_building_blocks.learnable_tags import TaughtTags
from clustertags.benchmark.method_interface import PhotoSample, Task
from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.names.tag_names import names_to_learn
from clustertags.neighbours import N_VOTERS, assign, nearest
from clustertags.tagging.fusion import voices
from clustertags.tagging.model import TagModel, fit_tag_model
from clustertags.types import Assignment, Bool, Clusters, Features, Float64, Neighbours, Reduction, SeedTags

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Timed(Generic[_T]):
    """What was made, and how long it took when it was."""

    made: _T
    seconds: float


class Kept(Generic[_T]):
    """The last few things that were made, by what they were made from."""

    def __init__(self, n_kept: int) -> None:
        self._kept: OrderedDict[Hashable, Timed[_T]] = OrderedDict()
        self._n_kept = n_kept

    def get(self, key: Hashable, make: Callable[[], _T]) -> Timed[_T]:
        """What `make` gave for this key, now or before."""
        if key not in self._kept:
            started = time.perf_counter()
            made = make()
            self._kept[key] = Timed(made, time.perf_counter() - started)
            while len(self._kept) > self._n_kept:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


_REDUCTIONS: Kept[Reduction] = Kept(2)
_CLUSTERS: Kept[Clusters] = Kept(4)
_MODELS: Kept[TagModel] = Kept(2)


@dataclass(frozen=True, slots=True)
class ProductFit:
    """A fitted library of training photos. `reused_seconds`: what was spent, by an earlier fit, on what this one took
    over from it; a fair time adds them.
    """

    taught: TaughtTags
    reduction: Reduction
    clusters: Clusters
    model: TagModel
    reused_seconds: float

    def surroundings(self, features: Features) -> tuple[Neighbours, Assignment]:
        """The nearest fitted photos of new ones, and the clusters that their vote gives, as `Tagger` finds them."""
        near = nearest(self.reduction.space, self.reduction.projection.project(features.values), N_VOTERS)
        return near, assign(near, self.clusters)

    def fused(self, features: Features) -> Float64:
        """(n, n_tags) the program's calibrated scores."""
        near, place = self.surroundings(features)
        return self.taught.place(self.model.predict(features, near, place).scores, len(features))

    def component(self, features: Features, number: int) -> Float64:
        """(n, n_tags) the scores of one of the components in `tagging.fusion.VOICES`."""
        near, place = self.surroundings(features)
        scores = voices(self.model.part_scores(features, near, place.labels))
        return self.taught.place(scores[number], len(features))


def fit_product(photos: PhotoSample, tags: Bool, task: Task, layout_seed: int) -> ProductFit:
    """Lay out and cluster the labelled and unlabelled training photos, then learn the tags that any photo carries.

    `layout_seed` of the layout and the clusters, `task.seed` of the rest.
    """
    started, made_before = time.perf_counter(), 0.0
    order, features = _in_order(photos.features, task.unlabelled)
    taught = TaughtTags.seen(tags)
    rows = np.empty(len(order), np.intp)
    rows[order] = np.arange(len(order))
    labelled = rows[: len(photos)]
    by_row = np.argsort(labelled)
    names = tuple(task.names[column] for column in taught.columns)
    seeds = SeedTags(names, labelled[by_row].astype(np.int32), tags[by_row][:, taught.columns])
    settings = ClusteringSettings()
    layout_key = (_digest(features.values, features.norms), layout_seed)
    seeds_key = (*layout_key, _digest(seeds.photos, seeds.matrix))
    reduction = _REDUCTIONS.get(layout_key, lambda: reduce_features(features, settings, seed=layout_seed))
    clusters = _CLUSTERS.get(seeds_key, lambda: cluster_photos(reduction.made, settings, seed=layout_seed, seeds=seeds))

    def learn() -> TagModel:
        space = reduction.made.space
        neighbours = nearest(space, space, N_VOTERS, exclude_self=True)
        named = names_to_learn(names, task.classifier, task.words) if task.words else None
        return fit_tag_model(features, task.classifier, neighbours, clusters.made, seeds, named=named, seed=task.seed)

    backbone = () if task.classifier is None else (_digest(task.classifier.weight, task.classifier.bias),)
    model = _MODELS.get((*seeds_key, *backbone, names if task.words else (), task.seed), learn)
    whole = reduction.seconds + clusters.seconds + model.seconds
    made_before = max(0.0, whole - (time.perf_counter() - started))
    return ProductFit(taught, reduction.made, clusters.made, model.made, made_before)


def _in_order(own: Features, unlabelled: PhotoSample | None) -> tuple[NDArray[np.intp], Features]:
    """All training photos in an order that does not tell which are labelled, and where each of them came from."""
    values, norms = own.values, own.norms
    if unlabelled is not None:
        values = np.concatenate([values, unlabelled.features.values])
        norms = np.concatenate([norms, unlabelled.features.norms])
    digests = [hashlib.sha256(row.tobytes()).digest() for row in np.column_stack([values, norms])]
    order = np.array(sorted(range(len(digests)), key=digests.__getitem__), np.intp)
    return order, Features(values[order], norms[order])


def _digest(*arrays: NDArray[np.generic]) -> bytes:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(repr((array.shape, str(array.dtype))).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()
