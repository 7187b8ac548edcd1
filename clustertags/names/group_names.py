"""Names of groups of clusters, from the descriptions of their clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from clustertags.names.cluster_names import UNSURE
from clustertags.names.distinct_names import NameCandidate, distinct_names
from clustertags.names.hierarchy import covering_name
from clustertags.types import ClusterDescription, Clusters

_MIN_SHARE = 1 / 3  # of a group's photos that a shared tag fits, as for the name of a cluster
_NAMED_CLUSTERS = 2  # "sofa, bedroom and 3 more"


@dataclass(frozen=True, slots=True)
class ClusterGroup:
    """One group of a level: `clusters` are their numbers, so the largest first."""

    name: str
    clusters: tuple[int, ...]
    n_photos: int


def cluster_groups(
    clusters: Clusters, descriptions: Sequence[ClusterDescription]
) -> tuple[tuple[ClusterGroup, ...], ...]:
    """The groups of every level, finest level first, each by its number; names are distinct within a level."""
    sizes = clusters.sizes().tolist()
    return tuple(_level(parents.tolist(), sizes, descriptions) for parents in clusters.parents)


def _level(
    parents: list[int], sizes: list[int], descriptions: Sequence[ClusterDescription]
) -> tuple[ClusterGroup, ...]:
    members: list[list[int]] = [[] for _ in range(max(parents, default=-1) + 1)]
    for cluster, parent in enumerate(parents):
        members[parent].append(cluster)
    names: list[str] = []
    candidates: list[list[NameCandidate]] = []
    for group in members:
        described = [descriptions[cluster] for cluster in group]
        photos = [sizes[cluster] for cluster in group]
        shares = _tag_shares(described, photos)
        names.append(_name(described, photos, shares))
        candidates.append([NameCandidate(tag, share, 1.0) for tag, share in shares.items()])
    return tuple(
        ClusterGroup(name, tuple(group), sum(sizes[cluster] for cluster in group))
        for name, group in zip(distinct_names(names, candidates), members, strict=True)
    )


def _tag_shares(described: list[ClusterDescription], sizes: list[int]) -> dict[str, float]:
    """Each tag's share in a group's clusters, weighted by their photos."""
    shares: defaultdict[str, float] = defaultdict(float)
    for description, size in zip(described, sizes, strict=True):
        for tag, share in description.tags:
            shares[tag] += share * size / sum(sizes)
    return dict(shares)


def _name(described: list[ClusterDescription], sizes: list[int], shares: dict[str, float]) -> str:
    """The commonest tag that more than half of the clusters share, else a hypernym of their best tags, else a list."""
    if len(described) == 1:
        return described[0].name
    carriers = {tag: sum(tag in dict(item.tags) for item in described) for tag in shares}
    shared = [tag for tag in shares if 2 * carriers[tag] > len(described) and shares[tag] >= _MIN_SHARE]
    if shared:
        return min(shared, key=lambda tag: (-shares[tag], tag))
    hypernym = covering_name([item.tags[0][0] if item.tags else "" for item in described], sizes)
    return hypernym or _listed(described)


def _listed(described: list[ClusterDescription]) -> str:
    """Two names without their qualifiers (`dog, hound` and `dog?` are a `dog`), and the number of clusters with another
    name; clusters that have only a number come last.
    """
    heads = [
        item.name.split(", ")[0].removesuffix(UNSURE)
        for item in sorted(described, key=lambda item: item.source == "number")
    ]
    shown = list(dict.fromkeys(heads))[:_NAMED_CLUSTERS]
    left = sum(head not in shown for head in heads)
    return f"{', '.join(shown)} and {left} more" if left else " and ".join(shown)
