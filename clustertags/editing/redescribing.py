"""Names and tags of edited clusters before the tags are learnt: merged from the clusters that had their photos."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from clustertags.library.model import FittedLibrary
from clustertags.types import UNCLUSTERED, ClusterDescription, Clusters, SeedTags

_MAX_TAGS = 5
_LEAST_SHARE = 0.05


def describe_by_overlap(library: FittedLibrary, clusters: Clusters, seeds: SeedTags) -> tuple[ClusterDescription, ...]:
    """One description a cluster, under its automatic name; a cluster with the photos of one of the library's
    has that one's. `seeds` are those after the edits.
    """
    before, n_before = library.clusters.labels, library.clusters.n_clusters
    both = (clusters.labels != UNCLUSTERED) & (before != UNCLUSTERED)
    cells = clusters.labels[both].astype(np.intp) * n_before + before[both]
    shared = np.bincount(cells, minlength=clusters.n_clusters * n_before).reshape(clusters.n_clusters, n_before)
    sizes, sizes_before = clusters.sizes(), library.clusters.sizes()
    n_labelled = clusters.sizes_among(seeds.photos)
    described = []
    for cluster in range(clusters.n_clusters):
        parts = np.flatnonzero(shared[cluster])
        main = int(shared[cluster].argmax()) if n_before else 0
        if len(parts) == 1 and sizes[cluster] == sizes_before[main] == shared[cluster, main]:
            described.append(_unchanged(cluster, library.descriptions[main]))
            continue
        weights = {int(part): float(shared[cluster, part] / sizes[cluster]) for part in parts}
        draft = _mixed(cluster, library, weights, main)
        described.append(ClusterDescription(*draft, int(n_labelled[cluster])))
    return tuple(described)


def _unchanged(cluster: int, description: ClusterDescription) -> ClusterDescription:
    if description.source != "number":
        return description
    return ClusterDescription(f"cluster {cluster}", description.tags, "number", description.n_labelled)


def _mixed(
    cluster: int, library: FittedLibrary, weights: dict[int, float], main: int
) -> tuple[str, tuple[tuple[str, float], ...], str]:
    """Name, tags and source: the tags of its parts by their photos, the name of the largest part."""
    shares: defaultdict[str, float] = defaultdict(float)
    for part, weight in weights.items():
        for tag, share in library.descriptions[part].tags:
            shares[tag] += weight * share
    best = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:_MAX_TAGS]
    tags = tuple((tag, share) for tag, share in best if share >= _LEAST_SHARE)
    if not weights:
        return f"cluster {cluster}", (), "number"
    largest = library.descriptions[main]
    source = "tags" if largest.source == "person" else largest.source
    name = f"cluster {cluster}" if source == "number" else largest.automatic or largest.name
    return name, tags, source
