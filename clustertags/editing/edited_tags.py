"""Edits of tags, replayed on the seed tags of the fit's source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clustertags.editing.edited_clusters import missing_photos, unapplied_edit
from clustertags.editing.edits import CompleteTags, GiveTags, LabelPhotos, RejectTags, WithdrawTags
from clustertags.editing.journal import Entry, Journal
from clustertags.editing.matching import PhotoTable
from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.recorded_labels import add_labels, add_rejections, mark_none, remove_labels, take_labelled
from clustertags.labels.rules import Rules, apply_rules
from clustertags.types import Bool, Photo, SeedTags

_Spelt = dict[str, str]
"""Normalised tag to the tag as written."""


@dataclass(frozen=True, slots=True)
class EditedTags:
    """`seeds` under the rules; `rejected`: content hash to normalised tags, those of the library's photos alone."""

    seeds: SeedTags
    rejected: Mapping[str, tuple[str, ...]]
    notices: tuple[str, ...]


@dataclass(slots=True)
class _PhotoLabels:
    """The labels and rejections of one photo; `none`: the last word on it was that it shows none of the tags;
    `complete`: whether the person said so of a list of its tags, not of single ones.
    """

    labelled: _Spelt = field(default_factory=dict)
    given: _Spelt = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    none: bool = False
    complete: bool = False

    def give(self, tags: _Spelt, place: _Spelt) -> None:
        self.none = False
        place.update(tags)
        self.rejected -= tags.keys()
        self.withdrawn -= tags.keys()

    def deny_all(self) -> None:
        self.none = True
        self.complete = True
        self.given.clear()

    def take_back(self, tags: Iterable[str], place: set[str]) -> None:
        for tag in tags:
            for spelt in (self.labelled, self.given):
                spelt.pop(tag, None)
            self.rejected.discard(tag)
            self.withdrawn.discard(tag)
            place.add(tag)


@dataclass(frozen=True, slots=True)
class TagEdits:
    """The source's seed tags after the edits of tags, before rules and hidden photos are applied.

    `rejected`: content hash to normalised tags; `notices`: a line for each edit that could not be applied; `journal`:
    the replayed one; `table`: the library's photos.
    """

    journal: Journal
    table: PhotoTable
    seeds: SeedTags
    rejected: Mapping[str, frozenset[str]]
    notices: tuple[str, ...]

    def under(self, rules: Rules, hidden: Bool | None = None) -> EditedTags:
        """The tags under the user's rules, without those of `hidden` photos, (n_photos,) bool."""
        seeds = self.seeds if hidden is None else _visible(self.seeds, hidden)
        rejected = {key: _under_aliases(tags, rules) for key, tags in self.rejected.items()}
        photos = dict(zip(self.table.find(list(rejected)).tolist(), rejected.values(), strict=True))
        return EditedTags(add_rejections(apply_rules(seeds, rules), photos, rules), rejected, self.notices)


def replay_tags(source: SeedTags, photos: Sequence[Photo], journal: Journal) -> TagEdits:
    """Replay the journal's applied edits of tags on the seed tags of the fit's source."""
    table = PhotoTable(photos, journal.joined)
    photo_labels: dict[str, _PhotoLabels] = {}
    notices = []
    for entry in journal.applied:
        missing = _apply(photo_labels, entry, table)
        if missing:
            notices.append(unapplied_edit(entry.number, entry.edit, missing_photos(missing)))
    gone = {key: tuple(item.rejected | item.withdrawn) for key, item in photo_labels.items()}
    added = {key: tuple((item.labelled | item.given).values()) for key, item in photo_labels.items()}
    complete = {key for key, item in photo_labels.items() if item.complete}
    seeds = add_labels(remove_labels(source, photos, gone) if any(gone.values()) else source, photos, added, complete)
    none = [int(photo) for photo in table.find([key for key, item in photo_labels.items() if item.none])]
    seeds = mark_none(seeds, none)
    rejected = {key: frozenset(item.rejected) for key, item in photo_labels.items() if item.rejected}
    return TagEdits(journal, table, seeds, rejected, tuple(notices))


def _apply(photo_labels: dict[str, _PhotoLabels], entry: Entry, table: PhotoTable) -> int:
    """Apply one edit; returns the number of its photos that the library lacks."""
    edit = entry.edit
    match edit:
        case LabelPhotos(labels):
            photos = [key for key, _ in labels]
        case (
            GiveTags(photos=named) | RejectTags(photos=named) | WithdrawTags(photos=named) | CompleteTags(photos=named)
        ):
            photos = list(named)
        case _:
            return 0
    present = table.find(photos) >= 0
    for at in np.flatnonzero(present).tolist():
        item = photo_labels.setdefault(photos[at], _PhotoLabels())
        match edit:
            case LabelPhotos(labels, partial):
                item.labelled.clear()
                item.complete = photos[at] not in partial
                tags = _spelt(labels[at][1])
                if tags:
                    item.give(tags, item.labelled)
                else:
                    item.deny_all()
            case CompleteTags():
                item.complete = True
            case GiveTags(tags=given):
                item.give(_spelt(given), item.given)
            case RejectTags(tags=rejected):
                item.take_back(_spelt(rejected), item.rejected)
            case WithdrawTags(tags=withdrawn):
                item.take_back(_spelt(withdrawn), item.withdrawn)
                item.complete = item.complete and bool(item.labelled or item.given)
    return int((~present).sum())


def _spelt(tags: Iterable[str]) -> _Spelt:
    return {normalised: tag for tag in tags if (normalised := normalise_tag(tag))}


def _under_aliases(tags: Iterable[str], rules: Rules) -> tuple[str, ...]:
    return tuple(sorted({rules.aliases.get(tag, tag) for tag in tags}))


def _visible(seeds: SeedTags, hidden: Bool) -> SeedTags:
    seeds = replace(seeds, none=seeds.none[~hidden[seeds.none]])
    kept = np.logical_not(hidden[seeds.photos])
    return seeds if kept.all() else take_labelled(seeds, kept)
