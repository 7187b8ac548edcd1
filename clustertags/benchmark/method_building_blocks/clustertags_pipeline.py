"""The program's own pipeline on given features: what `workflows.fit` and `Tagger` do, without photos and files.

The layout depends on the training photos only, not on which of them are labelled. It is computed once for a set of
photos, ordered by content, and reused by the other rows, budgets and draws.
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

from clustertags.benchmark.method_building_blocks.learnable_tags import LearnableTags
from clustertags.benchmark.method_interface import PhotoSample, Task
from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.names.tag_names import encode_vocabulary
from clustertags.neighbours import N_VOTERS, assign, nearest
from clustertags.tagging.fusion import weighted_components
from clustertags.tagging.model import TagModel
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.types import Assignment, Bool, Clusters, Features, Float64, Neighbours, Reduction, SeedTags

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Timed(Generic[_T]):
    """A value and the time that it took to compute."""

    value: _T
    seconds: float


class RecentCache(Generic[_T]):
    """A cache of the most recently used values."""

    def __init__(self, n_kept: int) -> None:
        self._kept: OrderedDict[Hashable, Timed[_T]] = OrderedDict()
        self._n_kept = n_kept

    def get(self, key: Hashable, make: Callable[[], _T]) -> Timed[_T]:
        """The value of `make()` for this key, computed now or before."""
        if key not in self._kept:
            started = time.perf_counter()
            value = make()
            self._kept[key] = Timed(value, time.perf_counter() - started)
            while len(self._kept) > self._n_kept:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


_REDUCTIONS: RecentCache[Reduction] = RecentCache(2)
_CLUSTERS: RecentCache[Clusters] = RecentCache(4)
_MODELS: RecentCache[TagModel] = RecentCache(2)


@dataclass(frozen=True, slots=True)
class FittedPipeline:
    """The pipeline fitted on training photos. `reused_seconds`: the time that earlier fits spent on results reused by
    this one; a fair timing adds them.
    """

    learnable: LearnableTags
    reduction: Reduction
    clusters: Clusters
    model: TagModel
    reused_seconds: float

    def neighbours_and_clusters(self, features: Features) -> tuple[Neighbours, Assignment]:
        """The nearest fitted photos of new photos, and the clusters by their vote, as in `Tagger`."""
        near = nearest(self.reduction.space, self.reduction.projection.project(features.values), N_VOTERS)
        return near, assign(near, self.clusters)

    def fused_scores(self, features: Features) -> Float64:
        """(n, n_tags) the program's calibrated scores."""
        near, place = self.neighbours_and_clusters(features)
        return self.learnable.expand(self.model.predict(features, near, place).scores, len(features))

    def component_scores(self, features: Features, number: int) -> Float64:
        """(n, n_tags) the scores of one of the components in `tagging.fusion.WEIGHTED_COMPONENTS`."""
        near, place = self.neighbours_and_clusters(features)
        scores = weighted_components(self.model.component_scores(features, near, place.labels))
        return self.learnable.expand(scores[number], len(features))


def fit_pipeline(photos: PhotoSample, tags: Bool, task: Task, layout_random_state: int) -> FittedPipeline:
    """Lay out and cluster the labelled and unlabelled training photos, then fit the tag model.

    `layout_random_state` of the layout and the clusters, `task.random_state` of the rest.
    """
    started = time.perf_counter()
    order, features = _in_order(photos.features, task.unlabelled)
    learnable = LearnableTags.with_photos(tags)
    rows = np.empty(len(order), np.intp)
    rows[order] = np.arange(len(order))
    labelled = rows[: len(photos)]
    by_row = np.argsort(labelled)
    names = tuple(task.names[column] for column in learnable.columns)
    seed_tags = SeedTags(names, labelled[by_row].astype(np.int32), tags[by_row][:, learnable.columns])
    settings = ClusteringSettings()
    layout_key = (_digest(features.values, features.norms), layout_random_state)
    labels_key = (*layout_key, _digest(seed_tags.photos, seed_tags.matrix))
    reduction = _REDUCTIONS.get(layout_key, lambda: reduce_features(features, settings, seed=layout_random_state))
    clusters = _CLUSTERS.get(
        labels_key, lambda: cluster_photos(reduction.value, settings, seed=layout_random_state, seed_tags=seed_tags)
    )

    def learn() -> TagModel:
        space = reduction.value.space
        neighbours = nearest(space, space, N_VOTERS, exclude_self=True)
        named = encode_vocabulary(names, task.classifier, task.encoder) if task.encoder else None
        return fit_tag_model(
            features,
            task.classifier,
            neighbours,
            clusters.value,
            seed_tags,
            tag_names=named,
            random_state=task.random_state,
        )

    backbone = () if task.classifier is None else (_digest(task.classifier.weight, task.classifier.bias),)
    model = _MODELS.get((*labels_key, *backbone, names if task.encoder else (), task.random_state), learn)
    total = reduction.seconds + clusters.seconds + model.seconds
    reused_seconds = max(0.0, total - (time.perf_counter() - started))
    return FittedPipeline(learnable, reduction.value, clusters.value, model.value, reused_seconds)


def _in_order(own: Features, unlabelled: PhotoSample | None) -> tuple[NDArray[np.intp], Features]:
    """All training photos ordered by content, not by whether they are labelled, and their original positions."""
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
