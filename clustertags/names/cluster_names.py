"""Names of clusters: from what is frequent in them, else from the ImageNet hierarchy, else a number.

What is frequent in a cluster is counted on all of its photos: on the labels of the labelled ones and on the calibrated
predictions of the others. Two or three labelled photos say little of a few hundred others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clustertags.names.distinct_names import NameCandidate, distinct_names
from clustertags.names.hierarchy import N_CLASSES, HierarchyName, covering_name, name_from_hierarchy
from clustertags.types import Bool, ClusterDescription, Clusters, Float32, Float64, SeedTags

UNSURE = "?"
"""Ends a name for which there is little evidence."""
_MAX_TAGS = 5
_LEAST_SHARE = 0.2
"""Of a cluster's photos, that show the tag by which it is named."""
_ONE_OF_SEVERAL = 1 / 3
"""Below this share of a cluster's photos its name says that there are others."""
_SHOWN_SHARE = 0.25
"""Of a cluster's photos, expected to show a tag that none of its labelled ones carries, to be listed with it."""
_MOST_PHOTOS = 1 / 2
"""Where so many are expected to show a tag, one labelled photo is evidence enough."""
_ENOUGH_LABELLED = 2
_NEARLY_ALL = 0.8
"""Of the library's photos: a tag on so many tells no cluster from the rest."""
# That of a hypernym of 5 % of all classes, so that the person's tags come before broader ones.
_TAG_INFORMATION = float(np.log(20))
_NO_NAME = HierarchyName("", (), ())


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

    @classmethod
    def none(cls, n_clusters: int) -> ExpectedTags:
        """Of no tag."""
        return cls(np.zeros((n_clusters, 0)), np.zeros(n_clusters), np.zeros(n_clusters))

    def take_tags(self, columns: Bool) -> ExpectedTags:
        """The same for some of the tags."""
        return replace(self, shares=self.shares[:, columns])

    def shows_none(self, cluster: int) -> float:
        """The share of the cluster's photos that show none of the tags, by whichever of the two is lower."""
        return 1.0 - float(max(self.known[cluster], self.known_by_labels[cluster]))


def describe_clusters(
    clusters: Clusters, seed_tags: SeedTags, class_means: Float32 | None, expected: ExpectedTags
) -> tuple[ClusterDescription, ...]:
    """Describe every cluster, with a name that no other cluster has.

    `class_means`: (n_clusters, 1000) float32, each cluster's mean probabilities of the ImageNet classes,
    or None where the backbone has no such classifier (another number of classes is treated as None).
    `expected`: of the tags of `seed_tags`.

    A cluster is named by the tag that most of its photos show, unless more show none of the tags. A tag that nearly all
    photos of the library show comes after the others. Where fewer than two labelled photos carry the tag, and not half
    of all are expected to show it, the name ends in `UNSURE`, or is the hierarchy's where not a third are. Of a tag
    that less than a third show the name says that it is one of several. Without a tag the hierarchy names the cluster,
    else its number does.
    """
    if expected.shares.shape != (clusters.n_clusters, len(seed_tags.vocabulary)):
        raise ValueError("expected tags must have one row a cluster and one column a tag")
    if class_means is not None and class_means.shape[1] != N_CLASSES:
        class_means = None
    drafts: list[ClusterDescription] = []
    candidates: list[tuple[NameCandidate, ...]] = []
    labelled_clusters = clusters.labels[seed_tags.photos]
    everywhere = _on_nearly_all(clusters, expected)
    for cluster in range(clusters.n_clusters):
        rows = seed_tags.matrix[labelled_clusters == cluster]
        by_classes = _NO_NAME if class_means is None else name_from_hierarchy(class_means[cluster][None])
        tags = _frequent_tags(expected.shares[cluster], rows, seed_tags.vocabulary, everywhere)
        drafts.append(_describe(cluster, tags, len(rows), expected.shows_none(cluster), by_classes))
        by_tag = (NameCandidate(tag.tag, tag.expected, _TAG_INFORMATION) for tag in tags)
        candidates.append((*by_tag, *by_classes.candidates))
    names = distinct_names([draft.name for draft in drafts], candidates)
    return tuple(replace(draft, name=name) for name, draft in zip(names, drafts, strict=True))


@dataclass(frozen=True, slots=True)
class _FrequentTag:
    """`n_carrying`: labelled photos of the cluster that carry it; `expected`: share of all its photos that show it."""

    tag: str
    n_carrying: int
    expected: float


def _on_nearly_all(clusters: Clusters, expected: ExpectedTags) -> Bool:
    """(n_tags,) the tags that nearly all clustered photos of the library show."""
    sizes = clusters.sizes()
    return np.asarray(sizes @ expected.shares >= _NEARLY_ALL * max(int(sizes.sum()), 1))


def _frequent_tags(
    shares: Float64, rows: Bool, vocabulary: tuple[str, ...], everywhere: Bool
) -> tuple[_FrequentTag, ...]:
    """Tags that labelled photos of the cluster carry, `rows` (n_labelled, n_tags), or that many are expected to show;
    by falling share of all its photos, ties by the alphabet, those of nearly all photos of the library last.
    """
    carrying = rows.sum(axis=0)
    listed = np.flatnonzero((carrying > 0) | (shares >= _SHOWN_SHARE)).tolist()
    order = sorted(listed, key=lambda tag: (everywhere[tag], -shares[tag], tag))
    return tuple(_FrequentTag(vocabulary[tag], int(carrying[tag]), float(shares[tag])) for tag in order)


def _describe(
    cluster: int, tags: tuple[_FrequentTag, ...], n_labelled: int, shows_none: float, by_classes: HierarchyName
) -> ClusterDescription:
    first = tags[0] if tags else _FrequentTag("", 0, 0.0)
    sure = first.n_carrying >= _ENOUGH_LABELLED or (first.n_carrying > 0 and first.expected >= _MOST_PHOTOS)
    guessed = not sure and first.expected < _ONE_OF_SEVERAL
    if first.expected < max(_LEAST_SHARE, shows_none) or (guessed and by_classes.name):
        source = "hierarchy" if by_classes.name else "number"
        return ClusterDescription(by_classes.name or f"cluster {cluster}", by_classes.tags, source, n_labelled)
    name = _name_of(tags) if sure else f"{first.tag}{UNSURE}"
    shown = tags[:_MAX_TAGS]
    return ClusterDescription(
        name,
        tuple((tag.tag, tag.n_carrying / max(n_labelled, 1)) for tag in shown),
        "tags",
        n_labelled,
        expected=tuple(tag.expected for tag in shown),
    )


def _name_of(tags: tuple[_FrequentTag, ...]) -> str:
    """The first tag; that it is one of several, where few photos show it: `baklava, other food`."""
    first = tags[0].tag
    if tags[0].expected >= _ONE_OF_SEVERAL:
        return first
    hypernym = covering_name([tag.tag for tag in tags], [tag.expected for tag in tags])
    return f"{first}, other {hypernym}" if hypernym not in ("", first) else f"{first}, among others"
