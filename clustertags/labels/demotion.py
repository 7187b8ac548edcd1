"""Demote tags that carry no information about the picture: their score is their share of the labelled photos, and no
cluster is named by them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustertags.labels.rules import Rules
from clustertags.labels.uninformative_tags import measure_tag_use
from clustertags.support.printable import printable
from clustertags.types import Bool, Clusters, Float32, SeedTags

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Demotion:
    """`seed_tags` with a notice of each demoted tag; `reasons`: demoted tag to reason."""

    seed_tags: SeedTags
    reasons: Mapping[str, str]

    def informative(self) -> SeedTags:
        """The seed tags without the demoted ones, for the names of clusters."""
        tags = self.seed_tags
        return tags.take(np.arange(tags.n_labelled), ~demoted_columns(tags.vocabulary, self.reasons))


def demote_uninformative_tags(
    space: Float32, clusters: Clusters, seed_tags: SeedTags, rules: Rules, *, random_state: int
) -> Demotion:
    """Find the uninformative tags; `space`: (n_photos, n_components) float32, of all fitted photos.

    Tags that the rules keep are never demoted. `random_state`: see `measure_tag_use`.
    """
    photos = seed_tags.photos
    uses = measure_tag_use(
        space[photos], clusters.labels[photos], seed_tags, kept=rules.kept, random_state=random_state
    )
    reasons = {use.tag: use.reason for use in uses if use.reason}
    notices = [f"{printable(tag, 40)} is demoted: {why}." for tag, why in reasons.items()]
    if len(notices) > _SHOWN:
        notices = [*notices[:_SHOWN], f"{len(notices) - _SHOWN:,} more tags are; `clustertags vocabulary` lists them."]
    return Demotion(replace(seed_tags, notices=(*seed_tags.notices, *notices)), reasons)


def demoted_columns(vocabulary: Sequence[str], demoted: Collection[str]) -> Bool:
    """(n_tags,) bool: which tags of the vocabulary are demoted."""
    return np.array([tag in demoted for tag in vocabulary], dtype=np.bool_)
