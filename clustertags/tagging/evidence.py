"""Why a photo has a tag: each part's share in it, and the photos it comes from.

Made only for the tags that are asked for, as it looks the labelled photos up again.
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
from clustertags.tagging.top_tags import positive_shares
from clustertags.types import UNCLUSTERED, Features, TagPart

SHOWN_PHOTOS = 3
SHOWN_CLASSES = 3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is near some photos: `voters`, their nearest labelled photos, (n, k) each; `clusters` (n,), where they
    belong; `cluster_names` one a cluster; `photo_name` gives a fitted photo's name from its number; `seen`, the classes
    that the network sees in each, in words, empty where that was not looked up.
    """

    model: TagModel
    voters: Voters
    clusters: tuple[int, ...]
    cluster_names: tuple[str, ...]
    photo_name: Callable[[int], str]
    seen: tuple[str, ...] = ()


def look_around(
    model: TagModel,
    features: Features,
    clusters: Sequence[int],
    cluster_names: Sequence[str],
    photo_name: Callable[[int], str] = str,
) -> Surroundings:
    """Find the labelled photos near each of `features`; `clusters` are the photos' labels."""
    voters = model.nearest_labelled(features)
    seen = tuple(map(seen_classes, model.representation.seen(features))) if model.names else ()
    return Surroundings(model, voters, tuple(map(int, clusters)), tuple(cluster_names), photo_name, seen)


def seen_classes(row: NDArray[np.floating]) -> str:
    """A photo's likeliest classes, of their probabilities (1000,), in words: `beagle 0.61, basset 0.12`."""
    likeliest = np.argsort(-row, kind="stable")[:SHOWN_CLASSES]
    return ", ".join(f"{load_hierarchy().lemmas[at]} {row[at]:.2f}" for at in likeliest)


def explain(
    scores: TagScores, row: int, tags: Sequence[int], surroundings: Surroundings | None = None
) -> list[tuple[TagPart, ...]]:
    """For each of `tags` of photo `row`, the parts that speak for it, the strongest first, with shares in 0..1.

    A share is the part's contribution to the fused log-odds over the sum of those that are positive, 0 where it is
    not. Where none is positive the tag is less likely here than elsewhere and no part is given. With `surroundings`
    each part says what it saw; `row` counts in both alike.
    """
    answer = []
    for tag in tags:
        shares = positive_shares(scores.parts[:, row, tag])
        answer.append(name_parts(shares, scores.part_names, row, int(tag), surroundings))
    return answer


def name_parts(
    shares: NDArray[np.float64], names: Sequence[str], row: int, tag: int, surroundings: Surroundings | None = None
) -> tuple[TagPart, ...]:
    """The parts with their share in a tag, the largest first; none where no part speaks for it.

    What a part without a share saw is worth knowing too. `shares` (n_parts,) in 0..1, `names` one a part.
    """
    parts: list[TagPart] = []
    if not shares.any():
        return ()
    learnt = surroundings is None or tag < surroundings.model.n_tags
    for at in np.argsort(-shares, kind="stable"):
        if shares[at] <= 0 and not (learnt and _knows(names[at], surroundings)):
            continue  # a part that cannot have seen anything of this tag
        detail = _detail(names[at], row, tag, surroundings) if surroundings else ""
        parts.append(TagPart(names[at], round(float(shares[at]), 4), detail))
    return tuple(parts)


def _knows(part: str, around: Surroundings | None) -> bool:
    """Whether the part has heard of tags with examples at all."""
    return part != "name" or (around is not None and around.model.names is not None)


def _detail(part: str, row: int, tag: int, around: Surroundings) -> str:
    model = around.model
    if part == "head":
        return f"trained on {plural(int(model.matrix[:, tag].sum()), 'photo')} with the tag"
    if part == "name":
        return "beside what the network sees" + (f": {around.seen[row]}" if around.seen else "")
    if part == "cluster":
        return _cluster_detail(around.clusters[row], tag, around)
    if part == "neighbours":
        return _neighbour_detail(row, tag, around)
    return "spread to it from labelled photos over photos that look alike"


def _cluster_detail(cluster: int, tag: int, around: Surroundings) -> str:
    if cluster == UNCLUSTERED:
        return "it is in no cluster, so the tag's share of all labelled photos counts"
    counted = around.model.clusters
    n_labelled = int(counted.n_labelled[cluster])
    name = around.cluster_names[cluster]
    if not n_labelled:
        return f"{name} (cluster {cluster}) has no labelled photo, so the tag's share of all of them counts"
    carriers = int(counted.counts[cluster, tag])
    return f"{name} (cluster {cluster}): {carriers} of its {plural(n_labelled, 'photo')} with tags"


def _neighbour_detail(row: int, tag: int, around: Surroundings) -> str:
    model, voters = around.model, around.voters
    carriers = [
        f"{around.photo_name(int(model.photos[voter]))} ({cosine:.2f})"
        for voter, cosine in zip(voters.rows[row], voters.cosines[row], strict=True)
        if model.matrix[voter, tag]
    ]
    if not carriers:
        return f"none of the {plural(voters.rows.shape[1], 'photo')} with tags that are nearest"
    more = f" and {len(carriers) - SHOWN_PHOTOS} more" if len(carriers) > SHOWN_PHOTOS else ""
    return ", ".join(carriers[:SHOWN_PHOTOS]) + more
