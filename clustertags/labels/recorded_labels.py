"""Labels recorded after the fit, by content hash, merged into the seed tags or removed from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from clustertags.labels.normalisation import normalise_tag, shown_spelling
from clustertags.support.counts import plural
from clustertags.types import Bool, Int32, Photo, SeedTags


def add_labels(seed_tags: SeedTags, photos: Sequence[Photo], labels: Mapping[str, tuple[str, ...]]) -> SeedTags:
    """The seed tags with the labels added, and a notice of the number of photos.

    `labels`: tags as the person wrote them, by content hash; those of other photos are ignored. Tags of the vocabulary
    keep their spelling.
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
    if not n_added:
        return seed_tags
    who = plural(n_added, "photo counts", "photos count")
    notice = f"Recorded tags of {who} in addition to the tags given."
    return _as_seed_tags(tags_of, spellings, (*seed_tags.notices, notice), seed_tags.none)


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
    return _as_seed_tags(tags_of, spellings, seed_tags.notices, seed_tags.none)


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
    matrix = seed_tags.matrix[kept]
    used = np.asarray(matrix.any(axis=0))
    vocabulary = tuple(tag for tag, flag in zip(seed_tags.vocabulary, used.tolist(), strict=True) if flag)
    return replace(seed_tags, vocabulary=vocabulary, photos=seed_tags.photos[kept], matrix=matrix[:, used])


def _as_seed_tags(
    tags_of: Mapping[int, set[str]], spellings: Mapping[str, str], notices: tuple[str, ...], none: Int32
) -> SeedTags:
    distinct = sorted(set().union(*tags_of.values()))
    column = {tag: at for at, tag in enumerate(distinct)}
    photos = np.array(sorted(tags_of), dtype=np.int32)
    matrix = np.zeros((len(photos), len(distinct)), dtype=np.bool_)
    for row, photo in enumerate(photos.tolist()):
        matrix[row, [column[tag] for tag in tags_of[photo]]] = True
    return SeedTags(tuple(spellings[tag] for tag in distinct), photos, matrix, notices, np.setdiff1d(none, photos))
