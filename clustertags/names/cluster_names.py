"""Names of clusters: from the person's tags, else from the ImageNet hierarchy, else a number."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clustertags.names.distinct_names import NameCandidate, distinct_names
from clustertags.names.hierarchy import N_CLASSES, HierarchyName, name_from_hierarchy
from clustertags.types import Bool, ClusterDescription, Clusters, Float32, Float64, SeedTags

_MAX_TAGS = 5
_MIN_SHARE = 1 / 3
"""Of a cluster's labelled photos, and of all its photos by expectation, that show the tag by which it is named."""
_MIN_KNOWN = 1 / 2
"""Of a cluster's photos that show any tag: without most of them no tag names it."""
# That of a hypernym of 5 % of all classes, so that the person's tags come before broader ones.
_TAG_INFORMATION = float(np.log(20))
_NO_NAME = HierarchyName("", (), ())
_Tags = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class ExpectedTags:
    """What the photos of each cluster are expected to show, by the tag model; labelled photos show what they carry.

    `shares`: (n_clusters, n_tags) float64, the share of its photos that show each tag; `known`: (n_clusters,) float64,
    the share that show any; `known_by_labels`: (n_clusters,) float64, the same from the number of its labelled photos,
    if these are as dense among its photos that show a tag as in the whole library. All in 0..1.
    """

    shares: Float64
    known: Float64
    known_by_labels: Float64

    def take_tags(self, columns: Bool) -> ExpectedTags:
        """The same for some of the tags."""
        return replace(self, shares=self.shares[:, columns])

    def names(self, cluster: int) -> Bool:
        """(n_tags,) the tags that can name the cluster: a third of its photos show them, and most show any."""
        known = max(self.known[cluster], self.known_by_labels[cluster])
        return np.asarray((self.shares[cluster] >= _MIN_SHARE) & (known >= _MIN_KNOWN))


def describe_clusters(
    clusters: Clusters,
    seed_tags: SeedTags,
    cluster_tag_shares: Float32,
    class_means: Float32 | None,
    expected: ExpectedTags | None = None,
) -> tuple[ClusterDescription, ...]:
    """Describe every cluster, with a name that no other cluster has.

    `cluster_tag_shares`: (n_clusters, n_tags) float32, the weight of each tag of `seed_tags.vocabulary` in each
    cluster, by which tags are ordered. The share given with a tag is that of the cluster's labelled photos that carry
    it.
    `class_means`: (n_clusters, 1000) float32, each cluster's mean probabilities of the ImageNet classes,
    or None where the backbone has no such classifier (another number of classes is treated as None).
    `expected`: without it, the labelled photos of a cluster stand for all of its photos.

    A cluster is named by the highest of its tags that a third of its labelled photos carry; without one, by the
    hierarchy; without that, by the highest tag of any of its labelled photos; else `cluster 12`, its number. Tags that
    its photos are not expected to show (`ExpectedTags.names`) do not count.
    """
    if cluster_tag_shares.shape != (clusters.n_clusters, len(seed_tags.vocabulary)):
        raise ValueError("cluster_tag_shares must have one row a cluster and one column a tag")
    if class_means is not None and class_means.shape[1] != N_CLASSES:
        class_means = None
    drafts: list[ClusterDescription] = []
    candidates: list[tuple[NameCandidate, ...]] = []
    labelled_clusters = clusters.labels[seed_tags.photos]
    for cluster in range(clusters.n_clusters):
        rows = seed_tags.matrix[labelled_clusters == cluster]
        by_classes = _NO_NAME if class_means is None else name_from_hierarchy(class_means[cluster][None])
        tags = _tags_of(cluster_tag_shares[cluster], rows, seed_tags.vocabulary)
        naming = tags if expected is None else _expected_of(tags, expected.names(cluster), seed_tags.vocabulary)
        drafts.append(_describe(cluster, tags, naming, by_classes, len(rows)))
        by_tag = (NameCandidate(tag, share, _TAG_INFORMATION) for tag, share in naming)
        candidates.append((*by_tag, *by_classes.candidates))
    names = distinct_names([draft.name for draft in drafts], candidates)
    return tuple(replace(draft, name=name) for name, draft in zip(names, drafts, strict=True))


def _tags_of(weights: Float32, rows: Bool, vocabulary: tuple[str, ...]) -> _Tags:
    """The tags of a cluster's labelled photos, (n, n_tags), by falling weight, ties by the alphabet; each with the
    share of these photos that carry it.
    """
    if not len(rows):
        return ()
    carried = rows.mean(axis=0)
    order = [tag for tag in np.argsort(-weights, kind="stable").tolist() if carried[tag] > 0]
    return tuple((vocabulary[tag], float(carried[tag])) for tag in order)


def _expected_of(tags: _Tags, expected: Bool, vocabulary: tuple[str, ...]) -> _Tags:
    names = {tag for tag, is_expected in zip(vocabulary, expected.tolist(), strict=True) if is_expected}
    return tuple((tag, share) for tag, share in tags if tag in names)


def _describe(
    cluster: int, tags: _Tags, naming: _Tags, by_classes: HierarchyName, n_labelled: int
) -> ClusterDescription:
    """`naming`: those of the tags that can name it."""
    shown = tags[:_MAX_TAGS]
    common = next((tag for tag, share in shown if share >= _MIN_SHARE and (tag, share) in naming), "")
    if not common and by_classes.name:
        return ClusterDescription(by_classes.name, by_classes.tags, "hierarchy", n_labelled)
    if naming:
        return ClusterDescription(common or naming[0][0], shown, "tags", n_labelled)
    return ClusterDescription(f"cluster {cluster}", by_classes.tags, "number", n_labelled)
