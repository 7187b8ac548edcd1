"""The part of a fit after clustering: uninformative tags, the tag model, every photo's tags, the names of clusters.

It takes seconds, not minutes: new labels need this part alone, on the existing layout and clusters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.demotion import demote_uninformative_tags, demoted_columns
from clustertags.labels.rules import Rules, ancestor_columns, raise_parents
from clustertags.names.backbone_encoder import NamesEncoder
from clustertags.names.cluster_names import ExpectedTags, describe_clusters
from clustertags.names.encoder import sentence_encoder
from clustertags.names.tag_names import encode_vocabulary
from clustertags.neighbours import N_VOTERS, nearest
from clustertags.tagging.expected_tags import ExpectedSums
from clustertags.tagging.model import TagModel
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.tagging.top_tags import TopTags, top_tags
from clustertags.types import (
    Assignment,
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

_CHUNK_PHOTOS = 4096


@dataclass(frozen=True, slots=True)
class ClusteredPhotos:
    """Photos after clustering. `space`: (n_photos, n_components) float32, rows of unit length.

    `neighbours`: the nearest others of each in `space`, computed where None. `encoder`: of tags' names; `name_vectors`:
    vectors of names to use again.
    """

    features: Features
    classifier: Classifier | None
    space: Float32
    clusters: Clusters
    neighbours: Neighbours | None = None
    name_vectors: Mapping[str, Float64] = field(default_factory=dict)
    encoder: NamesEncoder = field(default_factory=sentence_encoder)


@dataclass(frozen=True, slots=True)
class LearntTags:
    """`seed_tags` with notices of demoted tags; `rules`: those applied to them; `demoted`: tag to reason.

    `tag_model` is None without any tag.
    """

    seed_tags: SeedTags
    rules: Rules
    demoted: Mapping[str, str]
    tag_model: TagModel | None
    top_tags: TopTags
    descriptions: tuple[ClusterDescription, ...]
    neighbours: Neighbours


def learn_tags(
    photos: ClusteredPhotos,
    seed_tags: SeedTags,
    rules: Rules,
    *,
    all_known: bool = False,
    random_state: int = 0,
    progress: Progress = no_progress,
) -> LearntTags:
    """Learn from the seed tags, to which the person's `rules` have been applied.

    `all_known`: whether every photo shows one of the tags, unless some are labelled as showing none.
    """
    clusters, space = photos.clusters, photos.space
    demotion = demote_uninformative_tags(space, clusters, seed_tags, rules, random_state=random_state)
    seed_tags, demoted = demotion.seed_tags, demoted_columns(seed_tags.vocabulary, demotion.reasons)
    neighbours = photos.neighbours or nearest(space, space, N_VOTERS, exclude_self=True)
    tag_model = (
        fit_tag_model(
            photos.features,
            photos.classifier,
            neighbours,
            clusters,
            seed_tags,
            tag_names=encode_vocabulary(
                seed_tags.vocabulary,
                photos.classifier,
                photos.encoder,
                known=photos.name_vectors,
                progress=progress,
            ),
            all_known=all_known and not len(seed_tags.none),
            uninformative=demoted,
            random_state=random_state,
            progress=progress,
        )
        if seed_tags.n_labelled
        else None
    )
    ancestors = ancestor_columns(seed_tags.vocabulary, rules)
    if tag_model is None:
        best, expected = TopTags.none(len(photos.features)), ExpectedTags.none(clusters.n_clusters)
    else:
        best, expected = _tag_all(tag_model, photos, neighbours, ancestors, progress)
    descriptions = describe_clusters(
        clusters, demotion.informative(), _class_means(photos), expected.take_tags(~demoted)
    )
    return LearntTags(seed_tags, rules, demotion.reasons, tag_model, best, descriptions, neighbours)


def _class_means(photos: ClusteredPhotos) -> Float32 | None:
    """Each cluster's mean probabilities over the network's classes: (n_clusters, n_classes) float32."""
    if photos.classifier is None:
        return None
    clusters, means = photos.clusters, []
    for members in map(clusters.members, range(clusters.n_clusters)):
        total = np.zeros(len(photos.classifier.bias))
        for rows in np.array_split(members, -(-len(members) // _CHUNK_PHOTOS)):
            total += photos.classifier.probabilities(photos.features.take(rows)).sum(axis=0, dtype=np.float64)
        means.append(total / len(members))
    return np.array(means, np.float32).reshape(len(means), len(photos.classifier.bias))


def _tag_all(
    model: TagModel,
    photos: ClusteredPhotos,
    neighbours: Neighbours,
    ancestors: NDArray[np.intp],
    progress: Progress,
) -> tuple[TopTags, ExpectedTags]:
    """The best tags of every fitted photo, a few thousand photos at a time, and what each cluster is expected to show.
    `ancestors`: (n_pairs, 2) columns, see `ancestor_columns`.
    """
    n, clusters = len(photos.features), photos.clusters
    sums = ExpectedSums(clusters, model)
    chunks = []
    for start in range(0, n, _CHUNK_PHOTOS):
        rows = np.arange(start, min(start + _CHUNK_PHOTOS, n))
        near = neighbours.take(rows)
        assignment = Assignment(clusters.labels[rows], clusters.probabilities[rows])
        predicted = model.predict(photos.features.take(rows), near, assignment)
        scores = raise_parents(predicted.scores, ancestors)
        chunks.append(top_tags(scores, predicted.contributions))
        sums.add(rows, scores, predicted.known)
        progress("Tagging photos", int(rows[-1]) + 1, n)
    return TopTags.joined(chunks), sums.means()
