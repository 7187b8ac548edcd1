"""Why a photo has a tag: the share of each component in its score, and the labelled photos behind it.

Computed on request, as it searches the labelled photos once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.names.hierarchy import load_hierarchy
from clustertags.support.counts import plural
from clustertags.tagging.labelled_neighbours import Voters
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.photo_tags import TagPart
from clustertags.tagging.top_tags import positive_shares
from clustertags.types import UNCLUSTERED, Features

SHOWN_PHOTOS = 3
SHOWN_CLASSES = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the scores of n photos rest on.

    `voters`: their nearest labelled photos, (n, k) each; `clusters`: (n,) labels; `cluster_names`: one a cluster;
    `photo_name`: a fitted photo's index to its name; `classes`: each photo's likeliest classes, in words, empty where
    they were not computed.
    """

    model: TagModel
    voters: Voters
    clusters: tuple[int, ...]
    cluster_names: tuple[str, ...]
    photo_name: Callable[[int], str]
    classes: tuple[str, ...] = ()


def gather_evidence(
    model: TagModel,
    features: Features,
    clusters: Sequence[int],
    cluster_names: Sequence[str],
    photo_name: Callable[[int], str] = str,
) -> Evidence:
    """Find the labelled photos nearest to each of `features`; `clusters` are the photos' labels."""
    voters = model.nearest_labelled(features)
    with_names = model.name_prior is not None
    classes = tuple(map(likeliest_classes, model.representation.class_probabilities(features))) if with_names else ()
    return Evidence(model, voters, tuple(map(int, clusters)), tuple(cluster_names), photo_name, classes)


def likeliest_classes(row: NDArray[np.floating]) -> str:
    """A photo's likeliest classes and their probabilities, from all (1000,): `beagle 0.61, basset 0.12`."""
    likeliest = np.argsort(-row, kind="stable")[:SHOWN_CLASSES]
    return ", ".join(f"{load_hierarchy().lemmas[at]} {row[at]:.2f}" for at in likeliest)


def explain_tags(
    scores: TagScores, row: int, tags: Sequence[int], evidence: Evidence | None = None
) -> list[tuple[TagPart, ...]]:
    """For each of `tags` of photo `row`, the components of its score, largest first, with shares in 0..1.

    A share is the component's contribution to the fused log-odds over the sum of the positive ones, 0 where it is
    negative. A tag without a positive contribution, less likely here than elsewhere, has no components. With
    `evidence`, whose rows are those of `scores`, each component has a detail in words.
    """
    explained = []
    for tag in tags:
        shares = positive_shares(scores.contributions[:, row, tag])
        explained.append(describe_components(shares, scores.component_names, row, int(tag), evidence))
    return explained


def describe_components(
    shares: NDArray[np.float64], names: Sequence[str], row: int, tag: int, evidence: Evidence | None = None
) -> tuple[TagPart, ...]:
    """The components with their shares in a tag, largest first; none where all shares are 0.

    A component without a share is included for its detail. `shares`: (n_components,) in 0..1, `names`: one each.
    """
    parts: list[TagPart] = []
    if not shares.any():
        return ()
    is_learnt = evidence is None or tag < evidence.model.n_tags
    for at in np.argsort(-shares, kind="stable"):
        if shares[at] <= 0 and not (is_learnt and _is_fitted(names[at], evidence)):
            continue  # the component has no score of this tag
        detail = _detail(names[at], row, tag, evidence) if evidence else ""
        parts.append(TagPart(names[at], round(float(shares[at]), 4), detail))
    return tuple(parts)


def _is_fitted(component: str, evidence: Evidence | None) -> bool:
    """Whether the model has the component for learnt tags."""
    return component != "name" or (evidence is not None and evidence.model.name_prior is not None)


def _detail(component: str, row: int, tag: int, evidence: Evidence) -> str:
    model = evidence.model
    if component == "head":
        return f"trained on {plural(int(model.matrix[:, tag].sum()), 'photo')} with the tag"
    if component == "name":
        return "compared with the likeliest classes" + (f": {evidence.classes[row]}" if evidence.classes else "")
    if component == "cluster":
        return _cluster_detail(evidence.clusters[row], tag, evidence)
    if component == "neighbours":
        return _neighbour_detail(row, tag, evidence)
    return "spread from labelled photos over photos that look alike"


def _cluster_detail(cluster: int, tag: int, evidence: Evidence) -> str:
    if cluster == UNCLUSTERED:
        return "it is in no cluster, so the tag's share of all labelled photos counts"
    counted = evidence.model.clusters
    n_labelled = int(counted.n_labelled[cluster])
    name = evidence.cluster_names[cluster]
    if not n_labelled:
        return f"{name} (cluster {cluster}) has no labelled photo, so the tag's share of all of them counts"
    carriers = int(counted.counts[cluster, tag])
    return f"{name} (cluster {cluster}): {carriers} of its {plural(n_labelled, 'photo')} with tags"


def _neighbour_detail(row: int, tag: int, evidence: Evidence) -> str:
    model, voters = evidence.model, evidence.voters
    carriers = [
        f"{evidence.photo_name(int(model.photos[voter]))} ({cosine:.2f})"
        for voter, cosine in zip(voters.rows[row], voters.cosines[row], strict=True)
        if model.matrix[voter, tag]
    ]
    if not carriers:
        return f"none of the {plural(voters.rows.shape[1], 'nearest labelled photo')}"
    more = f" and {len(carriers) - SHOWN_PHOTOS} more" if len(carriers) > SHOWN_PHOTOS else ""
    return ", ".join(carriers[:SHOWN_PHOTOS]) + more
