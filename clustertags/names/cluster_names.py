"""Names of clusters: from the person's tags, else from the ImageNet hierarchy, else a number."""

from __future__ import annotations

import numpy as np

from clustertags.names.distinct_names import NameCandidate, distinct_names
from clustertags.names.hierarchy import N_CLASSES, HierarchyName, name_from_hierarchy
from clustertags.types import Bool, ClusterDescription, Clusters, Float32, SeedTags

_MAX_TAGS = 5
_MIN_LABELLED_SHARE = 1 / 3
# That of a hypernym of 5 % of all classes, so that the person's tags come before broader ones.
_TAG_INFORMATION = float(np.log(20))
_NO_NAME = HierarchyName("", (), ())


def describe_clusters(
    clusters: Clusters, seed_tags: SeedTags, cluster_tag_shares: Float32, class_means: Float32 | None
) -> tuple[ClusterDescription, ...]:
    """Describe every cluster, with a name that no other cluster has.

    `cluster_tag_shares`: (n_clusters, n_tags) float32, the weight of each tag of `seed_tags.vocabulary` in each
    cluster, by which tags are ordered. The share given with a tag is that of the cluster's labelled photos that carry
    it.
    `class_means`: (n_clusters, 1000) float32, each cluster's mean probabilities of the ImageNet classes,
    or None where the backbone has no such classifier (another number of classes is treated as None).

    A cluster is named by the highest of its tags that a third of its labelled photos carry; without one, by the
    hierarchy; without that, by the highest tag of any of its labelled photos; else `cluster 12`, its number.
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
        drafts.append(_describe(cluster, tags, by_classes, len(rows)))
        by_tag = (NameCandidate(tag, share, _TAG_INFORMATION) for tag, share in tags)
        candidates.append((*by_tag, *by_classes.candidates))
    names = distinct_names([draft.name for draft in drafts], candidates)
    return tuple(
        ClusterDescription(name, draft.tags, draft.source, draft.n_labelled)
        for name, draft in zip(names, drafts, strict=True)
    )


def _tags_of(weights: Float32, rows: Bool, vocabulary: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """The tags of a cluster's labelled photos, (n, n_tags), by falling weight, ties by the alphabet; each with the
    share of these photos that carry it.
    """
    if not len(rows):
        return ()
    carried = rows.mean(axis=0)
    order = [tag for tag in np.argsort(-weights, kind="stable").tolist() if carried[tag] > 0]
    return tuple((vocabulary[tag], float(carried[tag])) for tag in order)


def _describe(
    cluster: int, tags: tuple[tuple[str, float], ...], by_classes: HierarchyName, n_labelled: int
) -> ClusterDescription:
    shown = tags[:_MAX_TAGS]
    common = next((tag for tag, share in shown if share >= _MIN_LABELLED_SHARE), "")
    if not common and by_classes.name:
        return ClusterDescription(by_classes.name, by_classes.tags, "hierarchy", n_labelled)
    if tags:
        return ClusterDescription(common or tags[0][0], shown, "tags", n_labelled)
    return ClusterDescription(f"cluster {cluster}", by_classes.tags, "number", n_labelled)
