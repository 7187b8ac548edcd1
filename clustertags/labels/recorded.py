"""Answers that the person gave to suggestions, kept by content, become seed tags beside those of the fit's source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clustertags.labels.vocabulary import normalise_tag, shown_spelling
from clustertags.support.counts import plural
from clustertags.types import Photo, SeedTags


def unite_answers(seeds: SeedTags, photos: Sequence[Photo], answers: Mapping[str, tuple[str, ...]]) -> SeedTags:
    """The seeds with the answers added, tag by tag; a notice says for how many photos.

    `answers`: tags as the person wrote them, by content hash; those of other photos are left out. A spelling that the
    seeds have already stays.
    """
    if not answers:
        return seeds
    index = {photo.content_hash: at for at, photo in enumerate(photos)}
    found = {index[content_hash]: tags for content_hash, tags in answers.items() if content_hash in index}
    spellings = {normalise_tag(tag): tag for tag in seeds.vocabulary}
    tags_of = {
        int(photo): {normalise_tag(seeds.vocabulary[at]) for at in np.flatnonzero(row)}
        for photo, row in zip(seeds.photos, seeds.matrix, strict=True)
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
        return seeds
    who = plural(n_added, "photo counts", "photos count")
    notice = f"Recorded answers of {who} in addition to the tags given."
    return _as_seeds(tags_of, spellings, (*seeds.notices, notice))


def withdraw_answers(seeds: SeedTags, photos: Sequence[Photo], answers: Mapping[str, tuple[str, ...]]) -> SeedTags:
    """The seeds without what these earlier answers gave, so that a new answer can stand in their place."""
    index = {photo.content_hash: at for at, photo in enumerate(photos)}
    gone = {index[key]: {normalise_tag(text) for text in tags} for key, tags in answers.items() if key in index}
    spellings = {normalise_tag(tag): tag for tag in seeds.vocabulary}
    tags_of = {}
    for photo, row in zip(seeds.photos.tolist(), seeds.matrix, strict=True):
        left = {normalise_tag(seeds.vocabulary[at]) for at in np.flatnonzero(row)} - gone.get(photo, set())
        if left:
            tags_of[photo] = left
    return _as_seeds(tags_of, spellings, seeds.notices)


def _as_seeds(tags_of: Mapping[int, set[str]], spellings: Mapping[str, str], notices: tuple[str, ...]) -> SeedTags:
    distinct = sorted(set().union(*tags_of.values()))
    column = {tag: at for at, tag in enumerate(distinct)}
    photos = np.array(sorted(tags_of), dtype=np.int32)
    matrix = np.zeros((len(photos), len(distinct)), dtype=np.bool_)
    for row, photo in enumerate(photos.tolist()):
        matrix[row, [column[tag] for tag in tags_of[photo]]] = True
    return SeedTags(tuple(spellings[tag] for tag in distinct), photos, matrix, notices)
