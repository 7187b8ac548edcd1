"""Replay the journal on what a fit found: edits of tags (`edited_tags`), then of clusters (`edited_clusters`), and the
library that results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustertags.editing.edited_clusters import ClusterReplay
from clustertags.editing.edited_tags import EditedTags, TagEdits, replay_tags
from clustertags.editing.journal import Journal
from clustertags.editing.redescribing import describe_by_overlap
from clustertags.editing.regrouping import EditedClusters, give_names, regroup
from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.rules import Rules
from clustertags.library.model import Base, FittedLibrary
from clustertags.tagging.top_tags import TopTags
from clustertags.types import Bool, Clusters, Float32, Int32, Photo


@dataclass(frozen=True, slots=True)
class Edited:
    """A fit's clusters and tags after the edits, before anything is learnt from them.

    `hidden`: (n_photos,) bool; `notices`: a line for each edit that could not be applied; `digest`: the journal's.
    """

    groups: EditedClusters
    tags: EditedTags
    hidden: Bool
    notices: tuple[str, ...]
    digest: str


def replay(
    photos: Sequence[Photo], space: Float32, base: Base, rules: Rules, journal: Journal, *, n_added: int = 0
) -> Edited:
    """Replay the journal's applied edits on a fit's result; `space`: (n_photos, n_components) float32, unit rows. The
    last `n_added` photos joined after it.
    """
    tag_edits = replay_tags(base.seeds, photos, journal)
    return replay_clusters(photos, space, base.clusters, tag_edits, rules, keys=base.keys, n_added=n_added)


def replay_clusters(
    photos: Sequence[Photo],
    space: Float32,
    clusters: Clusters,
    tag_edits: TagEdits,
    rules: Rules,
    *,
    keys: Sequence[str] = (),
    n_added: int = 0,
) -> Edited:
    """Replay the edits of clusters, see `ClusterReplay`. Those of tags come first, as a fit selects its clusters by
    tags.
    """
    replayed = ClusterReplay(photos, space, clusters, tag_edits.table, keys=keys, n_added=n_added)
    for entry in tag_edits.journal.applied:
        replayed.apply(entry)
    replayed.place_added()
    tags = tag_edits.under(rules, replayed.hidden)
    groups = regroup(replayed, clusters, space)
    return Edited(groups, tags, replayed.hidden, (*replayed.notices, *tags.notices), tag_edits.journal.digest)


def apply_edits(library: FittedLibrary, journal: Journal) -> FittedLibrary:
    """The library with the journal's applied edits in place of its own; pure, no photo is read.

    Clusters, names, seed tags, hidden photos and rejected tags are exact. Scores are those of the last training; tags
    and automatic names of new clusters are merged from the clusters that had their photos. `library.tag_model` stays
    that of the last training, with its own vocabulary.
    """
    if library.edits == journal.digest and library.cluster_keys:
        return library
    base = base_of(library)
    edited = replay(library.photos, library.space, base, library.rules, journal, n_added=library.n_added)
    return with_unlearnt_edits(replace(library, base=base), edited)


def base_of(library: FittedLibrary) -> Base:
    """The result of the fit before edits, or the library itself if that is not stored."""
    return library.base or Base(library.clusters, replace(library.seeds, notices=()))


def with_unlearnt_edits(library: FittedLibrary, edited: Edited) -> FittedLibrary:
    """The library with the edits applied but not learnt: see `apply_edits`."""
    top = _in_vocabulary(library.top_tags, library.seeds.vocabulary, edited.tags.seeds.vocabulary)
    described = describe_by_overlap(library, edited.groups.clusters, edited.tags.seeds)
    return with_edits(replace(library, descriptions=described, seeds=edited.tags.seeds, top_tags=top), edited)


def with_edits(library: FittedLibrary, edited: Edited) -> FittedLibrary:
    """The library with the edited clusters, given names, hidden photos and rejected tags; its descriptions, seed tags
    and top tags must match the edited clusters already. Photos with nothing to see, and those that show none of the
    tags, have no top tags.
    """
    untagged = edited.hidden | library.without_content()
    untagged[library.seeds.none] = True
    return replace(
        library,
        clusters=edited.groups.clusters,
        cluster_keys=edited.groups.keys,
        descriptions=give_names(library.descriptions, edited.groups.names),
        top_tags=withhold(library.top_tags, library.seeds.vocabulary, rows_of(library.photos, edited), untagged),
        hidden=np.flatnonzero(edited.hidden).astype(np.int32),
        rejected=edited.tags.rejected,
        edits=edited.digest,
        edit_notices=edited.notices,
    )


def rows_of(photos: Sequence[Photo], edited: Edited) -> dict[int, tuple[str, ...]]:
    """The rejected tags by the photo's index."""
    rejected = edited.tags.rejected
    if not rejected:
        return {}
    return {at: rejected[photo.content_hash] for at, photo in enumerate(photos) if photo.content_hash in rejected}


def withhold(
    top: TopTags, vocabulary: Sequence[str], rejected: Mapping[int, tuple[str, ...]], untagged: Bool
) -> TopTags:
    """The top tags without those that are `rejected` (photo's index to normalised tags), none for `untagged` photos."""
    if not rejected and not untagged.any():
        return top
    removed = np.zeros(top.tags.shape, np.bool_)
    removed[untagged] = True
    column = {normalise_tag(tag): at for at, tag in enumerate(vocabulary)}
    for photo, names in rejected.items():
        removed[photo] |= np.isin(top.tags[photo], [column[name] for name in names if name in column])
    return top.without(removed)


def _in_vocabulary(top: TopTags, before: Sequence[str], now: Sequence[str]) -> TopTags:
    """The same tags as columns of another vocabulary; those that it lacks are removed."""
    if tuple(before) == tuple(now) or not top.tags.shape[1]:
        return top
    column = {normalise_tag(tag): at for at, tag in enumerate(now)}
    moved = np.array([*(column.get(normalise_tag(tag), -1) for tag in before), -1], np.int32)
    tags: Int32 = moved[top.tags]
    return replace(top, tags=tags).without(tags < 0)
