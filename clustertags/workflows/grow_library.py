"""What photos get when they join a library without a fit: clusters by the vote, the edits, tags, near-duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from clustertags.editing.journal import Journal
from clustertags.editing.redescribing import describe_by_overlap
from clustertags.editing.replay import Edited, base_of, replay, with_edits
from clustertags.labels.rules import ancestor_columns, raise_parents
from clustertags.library.artifacts import Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.grown import Grown, grow
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import LAYOUT_FILE, read_arrays
from clustertags.near_duplicates.by_pictures import neighbour_pairs, which_show_the_same
from clustertags.near_duplicates.groups import join_groups
from clustertags.neighbours import N_VOTERS, nearest
from clustertags.tagging.top_tags import TopTags, top_tags
from clustertags.types import UNCLUSTERED, Assignment, ClusterDescription, Features, Float32, Int32
from clustertags.workflows.joining import Joining


def grow_library(
    joining: Joining, library: FittedLibrary, version: Version, catalogue: Catalogue, journal: Journal
) -> tuple[FittedLibrary, Float32]:
    """The library with the photos that join, and the layout that is clustered; `journal`: the learnt edits."""
    embedding = read_arrays(version, LAYOUT_FILE)["embedding"]
    library = replace(library, photos=joining.photos, skipped=joining.skipped)
    if not joining.new:
        return library, embedding
    backbone, hashes = version.manifest["backbone"], [photo.content_hash for photo in joining.new]
    features = catalogue.features(hashes, backbone["key"], backbone["n_features"])
    grown = grow(replace(library, base=base_of(library)), embedding, joining.new, features)
    library, base, n = grown.library, base_of(grown.library), library.n_photos
    edited = replay(library.photos, library.space, base, library.rules, journal, n_added=library.n_added)
    library = replace(library, blank={**library.blank, **catalogue.blank(hashes)})
    library = with_edits(_tagged(library, grown, edited, features, n), edited)
    return replace(library, duplicate_groups=_duplicates(library, n, catalogue, backbone["key"])), grown.embedding


def _tagged(library: FittedLibrary, grown: Grown, edited: Edited, features: Features, n: int) -> FittedLibrary:
    """With tags of the photos that joined, from photo `n` on, and what their clusters are expected to show."""
    clusters, model, known = edited.groups.clusters, library.tag_model, library.clusters.n_clusters
    described = library.descriptions
    if clusters.n_clusters != known:  # an edit holds again, as photos that it names came back
        described = describe_by_overlap(library, clusters, library.seeds)
    if model is None:
        return replace(library, descriptions=described)
    # The model knows the clusters that were there when it learnt.
    labels = np.where(clusters.labels[n:] < known, clusters.labels[n:], np.int32(UNCLUSTERED))
    predicted = model.predict(features, grown.neighbours, Assignment(labels, clusters.probabilities[n:]))
    scores = raise_parents(predicted.scores, ancestor_columns(library.seeds.vocabulary, library.rules))
    with_shares = bool(library.top_tags.shares.shape[2])  # an early version has none
    best = top_tags(scores, predicted.contributions if with_shares else None)
    best = best.without(np.repeat(predicted.abstained[:, None], best.tags.shape[1], axis=1))
    sizes = library.clusters.sizes_among(np.arange(n))
    described = tuple(
        _with_expected(description, int(sizes[cluster]), scores[labels == cluster], library.seeds.vocabulary)
        if cluster < known
        else description
        for cluster, description in enumerate(described)
    )
    top = TopTags.joined([library.top_tags.take(np.arange(n)), best])
    return replace(library, descriptions=described, top_tags=top)


def _with_expected(
    description: ClusterDescription, n_before: int, scores: Float32, vocabulary: Sequence[str]
) -> ClusterDescription:
    """With the shares of its photos that are expected to show its tags, after photos with `scores` joined."""
    if not description.expected or not len(scores):
        return description
    columns = [vocabulary.index(tag) for tag, _ in description.tags]
    shown = np.array(description.expected) * n_before + scores[:, columns].sum(axis=0, dtype=np.float64)
    return replace(description, expected=tuple((shown / (n_before + len(scores))).tolist()))


def _duplicates(library: FittedLibrary, n: int, catalogue: Catalogue, key: str) -> Int32 | None:
    """The groups of near-duplicates after the photos from `n` on were compared to all; None where none were found."""
    if library.duplicate_groups is None:
        return None
    found = nearest(library.space, library.space[n:], N_VOTERS + 1)
    pairs = neighbour_pairs(found, n)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    photos, local = np.unique(pairs, return_inverse=True)
    pictures = catalogue.pictures([library.photos[photo].content_hash for photo in photos.tolist()], key)
    same = pairs[which_show_the_same(library.space[photos], pictures, local.reshape(pairs.shape))]
    cosines = np.einsum("ij,ij->i", library.space[same[:, 0]], library.space[same[:, 1]])
    same = same[np.argsort(-cosines, kind="stable")]
    return join_groups(library.duplicate_groups, same[:, 1], same[:, 0])
