"""What a fit learns once photos are grouped: empty tags found, the tag model, every photo's tags, the clusters' names.

Seconds, not minutes: new answers are taken in by this alone, on the layout and the clusters that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.demotion import demote_empty_tags, demoted_columns
from clustertags.labels.rules import Rules, ancestor_columns, raise_parents
from clustertags.names.cluster_names import describe_clusters
from clustertags.names.encoder import sentence_encoder
from clustertags.names.tag_names import names_to_learn
from clustertags.neighbours import N_VOTERS, nearest
from clustertags.tagging.cluster_tags import count_cluster_tags
from clustertags.tagging.model import TagModel, TagScores, fit_tag_model
from clustertags.tagging.top_tags import TopTags, top_tags
from clustertags.types import (
    Assignment,
    Bool,
    Classifier,
    ClusterDescription,
    Clusters,
    Features,
    Float32,
    Float64,
    Neighbours,
    Progress,
    SeedTags,
    no_progress,
)

_PREDICT_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Grouped:
    """The photos as a fit has grouped them. `space`: (n_photos, n_components) float32, rows of unit length.

    `neighbours`: the nearest others of each in `space`, sought where they are None. `names`: vectors of tags' names
    that an earlier model has read.
    """

    features: Features
    classifier: Classifier | None
    space: Float32
    clusters: Clusters
    neighbours: Neighbours | None = None
    names: Mapping[str, Float64] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learnt:
    """`seeds` with the notices of demoted tags, `demoted` their reasons; `tag_model` is None without any tag.

    `rules` are those that it was learnt under.
    """

    seeds: SeedTags
    rules: Rules
    demoted: Mapping[str, str]
    tag_model: TagModel | None
    top_tags: TopTags
    descriptions: tuple[ClusterDescription, ...]
    neighbours: Neighbours


def learn_tags(
    grouped: Grouped, seeds: SeedTags, rules: Rules, *, seed: int = 0, progress: Progress = no_progress
) -> Learnt:
    """Learn from the seed tags, to which the person's `rules` were applied already; `seed` of all that is drawn."""
    features, clusters, space = grouped.features, grouped.clusters, grouped.space
    demotion = demote_empty_tags(space, clusters, seeds, rules, seed=seed)
    seeds, demoted = demotion.seeds, demoted_columns(seeds.vocabulary, demotion.reasons)
    neighbours = grouped.neighbours or nearest(space, space, N_VOTERS, exclude_self=True)
    tag_model = (
        fit_tag_model(
            features,
            grouped.classifier,
            neighbours,
            clusters,
            seeds,
            named=names_to_learn(
                seeds.vocabulary, grouped.classifier, sentence_encoder(), known=grouped.names, progress=progress
            ),
            seed=seed,
            progress=progress,
        )
        if seeds.n_labelled
        else None
    )
    order = _TagOrder(demoted, ancestor_columns(seeds.vocabulary, rules))
    best = _tag_all(tag_model, grouped, neighbours, order, progress)
    counted = count_cluster_tags(clusters.labels[seeds.photos], clusters.n_clusters, seeds.matrix)
    weights = counted.naming_weights()[:, ~demoted]
    descriptions = describe_clusters(clusters, demotion.telling(), weights, _class_means(grouped))
    return Learnt(seeds, rules, demotion.reasons, tag_model, best, tuple(descriptions), neighbours)


def _class_means(grouped: Grouped) -> Float32 | None:
    """Each cluster's mean probabilities over the network's classes: (n_clusters, n_classes) float32."""
    if grouped.classifier is None:
        return None
    clusters, means = grouped.clusters, []
    for members in map(clusters.members, range(clusters.n_clusters)):
        total = np.zeros(len(grouped.classifier.bias))
        for rows in np.array_split(members, -(-len(members) // _PREDICT_ROWS)):
            total += grouped.classifier.probabilities(grouped.features.take(rows)).sum(axis=0, dtype=np.float64)
        means.append(total / len(members))
    return np.array(means, np.float32).reshape(len(means), len(grouped.classifier.bias))


@dataclass(frozen=True, slots=True)
class _TagOrder:
    """`last`: (n_tags,) bool, the demoted tags; `ancestors`: (n_pairs, 2) columns, see `ancestor_columns`."""

    last: Bool
    ancestors: NDArray[np.intp]

    def best(self, said: TagScores) -> TopTags:
        return top_tags(raise_parents(said.scores, self.ancestors), self.last, said.parts)


def _tag_all(
    model: TagModel | None, grouped: Grouped, neighbours: Neighbours, order: _TagOrder, progress: Progress
) -> TopTags:
    """The best tags of every fitted photo, a few thousand photos at a time."""
    n, clusters = len(grouped.features), grouped.clusters
    if model is None:
        return TopTags.none(n)
    chunks = []
    for start in range(0, n, _PREDICT_ROWS):
        rows = np.arange(start, min(start + _PREDICT_ROWS, n))
        near = neighbours.take(rows)
        place = Assignment(clusters.labels[rows], clusters.probabilities[rows])
        chunks.append(order.best(model.predict(grouped.features.take(rows), near, place)))
        progress("Tagging photos", int(rows[-1]) + 1, n)
    return TopTags.joined(chunks)
