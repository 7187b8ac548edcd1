"""Labels recorded after the fit, by content hash, merged into the seed tags or removed from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from clustertags.labels.normalisation import normalise_tag, shown_spelling
from clustertags.labels.rules import Rules
from clustertags.support.counts import plural
from clustertags.types import Bool, Int32, Photo, SeedTags


def add_labels(
    seed_tags: SeedTags,
    photos: Sequence[Photo],
    labels: Mapping[str, tuple[str, ...]],
    complete: Collection[str] | None = None,
) -> SeedTags:
    """The seed tags with the labels added, and a notice of the number of photos.

    `labels`: tags as the person wrote them, by content hash; those of other photos are ignored. Tags of the vocabulary
    keep their spelling. `complete`: content hashes of photos that show no other tags, None for all of them; of the
    others that were not labelled before, or in part, nothing else is known.
    """
    if not labels:
        return seed_tags
    index = {photo.content_hash: at for at, photo in enumerate(photos)}
    found = {index[content_hash]: tags for content_hash, tags in labels.items() if content_hash in index}
    spellings = {normalise_tag(tag): tag for tag in seed_tags.vocabulary}
    tags_of = {
        int(photo): {normalise_tag(seed_tags.vocabulary[at]) for at in np.flatnonzero(row)}
        for photo, row in zip(seed_tags.photos, seed_tags.matrix, strict=True)
    }
    n_added = 0
    for photo, texts in sorted(found.items()):
        written = {tag: shown_spelling(text) for text in texts if (tag := normalise_tag(text))}
        for tag, spelling in written.items():
            spellings.setdefault(tag, spelling)
        if written:
            n_added += 1
            tags_of.setdefault(photo, set()).update(written)
    full = {*seed_tags.photos[seed_tags.in_full].tolist(), *seed_tags.none.tolist()}
    full |= {at for at, photo in enumerate(photos) if complete is None or photo.content_hash in complete}
    partial = tags_of.keys() - full
    if not n_added:
        return _with_partial(seed_tags, partial)
    who = plural(n_added, "photo counts", "photos count")
    notice = f"Recorded tags of {who} in addition to the tags given."
    return _as_seed_tags(tags_of, spellings, (*seed_tags.notices, notice), seed_tags.none, partial)


def remove_labels(seed_tags: SeedTags, photos: Sequence[Photo], labels: Mapping[str, tuple[str, ...]]) -> SeedTags:
    """The seed tags without these labels."""
    index = {photo.content_hash: at for at, photo in enumerate(photos)}
    gone = {index[key]: {normalise_tag(text) for text in tags} for key, tags in labels.items() if key in index}
    spellings = {normalise_tag(tag): tag for tag in seed_tags.vocabulary}
    tags_of = {}
    for photo, row in zip(seed_tags.photos.tolist(), seed_tags.matrix, strict=True):
        left = {normalise_tag(seed_tags.vocabulary[at]) for at in np.flatnonzero(row)} - gone.get(photo, set())
        if left:
            tags_of[photo] = left
    partial = set(seed_tags.photos[~seed_tags.in_full].tolist())
    return _as_seed_tags(tags_of, spellings, seed_tags.notices, seed_tags.none, partial)


def mark_none(seed_tags: SeedTags, photos: Sequence[int]) -> SeedTags:
    """The seed tags where these photos, indices, show none of the tags, whatever was given to them."""
    if not photos:
        return seed_tags
    kept = ~np.isin(seed_tags.photos, photos)
    left = take_labelled(replace(seed_tags, none=np.union1d(seed_tags.none, photos).astype(np.int32)), kept)
    notice = f"{plural(len(photos), 'photo is', 'photos are')} recorded as showing none of the tags."
    return replace(left, notices=(*seed_tags.notices, notice))


def take_labelled(seed_tags: SeedTags, kept: Bool) -> SeedTags:
    """The seed tags of some labelled photos, (n_labelled,) bool, without tags that none of them carries."""
    return seed_tags.take(kept, seed_tags.matrix[kept].any(axis=0))


def add_rejections(seed_tags: SeedTags, rejected: Mapping[int, Collection[str]], rules: Rules) -> SeedTags:
    """The seed tags, to which the `rules` have been applied, with the rejected tags of photos labelled in part.

    `rejected`: normalised tags by the photo's index. A photo that lacks a tag lacks its descendants, too.
    """
    if seed_tags.partial is None:
        return seed_tags
    tags = [normalise_tag(tag) for tag in seed_tags.vocabulary]
    implying = [{tag, *rules.ancestors(tag)} for tag in tags]
    denied = np.zeros(seed_tags.matrix.shape, np.bool_)
    for row in np.flatnonzero(seed_tags.partial).tolist():
        own = set(rejected.get(int(seed_tags.photos[row]), ()))
        if own:
            denied[row] = [not own.isdisjoint(names) for names in implying]
    denied &= ~seed_tags.matrix
    return replace(seed_tags, rejected=denied if denied.any() else None)


def _as_seed_tags(
    tags_of: Mapping[int, set[str]],
    spellings: Mapping[str, str],
    notices: tuple[str, ...],
    none: Int32,
    partial: Collection[int],
) -> SeedTags:
    distinct = sorted(set().union(*tags_of.values()))
    column = {tag: at for at, tag in enumerate(distinct)}
    photos = np.array(sorted(tags_of), dtype=np.int32)
    matrix = np.zeros((len(photos), len(distinct)), dtype=np.bool_)
    for row, photo in enumerate(photos.tolist()):
        matrix[row, [column[tag] for tag in tags_of[photo]]] = True
    vocabulary = tuple(spellings[tag] for tag in distinct)
    return _with_partial(SeedTags(vocabulary, photos, matrix, notices, np.setdiff1d(none, photos)), partial)


def _with_partial(seed_tags: SeedTags, partial: Collection[int]) -> SeedTags:
    """The seed tags with these photos, indices, labelled in part, and the others in full."""
    flags = np.isin(seed_tags.photos, list(partial))
    return replace(seed_tags, partial=flags if flags.any() else None)
