"""What becomes of empty tags: they stay, stand after all others, name no cluster, and the person is told why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustertags.labels.empty_tags import measure_tag_use
from clustertags.labels.rules import Rules
from clustertags.support.printable import printable
from clustertags.types import Bool, Clusters, Float32, SeedTags

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Demotion:
    """`seeds` with a notice of each demoted tag; `reasons`: demoted tag to reason."""

    seeds: SeedTags
    reasons: Mapping[str, str]

    def telling(self) -> SeedTags:
        """The seeds without the demoted tags, for the names of clusters."""
        demoted = demoted_columns(self.seeds.vocabulary, self.reasons)
        vocabulary = tuple(tag for tag in self.seeds.vocabulary if tag not in self.reasons)
        return SeedTags(vocabulary, self.seeds.photos, self.seeds.matrix[:, ~demoted], self.seeds.notices)


def demote_empty_tags(space: Float32, clusters: Clusters, seeds: SeedTags, rules: Rules, *, seed: int) -> Demotion:
    """Find the empty tags of the seeds; `space` is (n_photos, n_components) float32, of all fitted photos.

    Tags that the rules keep are never among them. `seed`: see `measure_tag_use`.
    """
    photos = seeds.photos
    uses = measure_tag_use(space[photos], clusters.labels[photos], seeds, kept=rules.kept, seed=seed)
    reasons = {use.tag: use.reason for use in uses if use.reason}
    notices = [f"{printable(tag, 40)} is put after all other tags: {why}." for tag, why in reasons.items()]
    if len(notices) > _SHOWN:
        notices = [*notices[:_SHOWN], f"{len(notices) - _SHOWN:,} more tags are; `clustertags vocabulary` lists them."]
    return Demotion(replace(seeds, notices=(*seeds.notices, *notices)), reasons)


def demoted_columns(vocabulary: Sequence[str], demoted: Collection[str]) -> Bool:
    """(n_tags,) bool: which tags of the vocabulary are demoted."""
    return np.array([tag in demoted for tag in vocabulary], dtype=np.bool_)
