"""Seed tags collected photo by photo, spellings of one tag merged under the usual one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from clustertags.labels.normalisation import MAX_TAG_CHARACTERS, normalise_tag, shown_spelling
from clustertags.support.counts import plural
from clustertags.types import SeedTags


@dataclass(slots=True)
class CollectedTags:
    """Tags collected photo by photo, the photos in `none` without any, and notices of problems. `complete`: photos
    that show no other tags; `empty`, `untold`: images of rows whose text is no tag, and of those that say nothing yet.
    """

    tags: dict[int, set[str]] = field(default_factory=dict)
    none: set[int] = field(default_factory=set)
    complete: set[int] = field(default_factory=set)
    spellings: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    too_long: int = 0
    notices: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def add(self, photo: int, texts: Iterable[str], *, complete: bool = True) -> bool:
        """Add tags to a photo, `complete` where it shows no other; false where none of the texts is a tag."""
        normalised = {text: normalise_tag(text) for text in texts}
        self.too_long += sum(not tag and len(text.strip()) > MAX_TAG_CHARACTERS for text, tag in normalised.items())
        tags = {tag for tag in normalised.values() if tag}
        for text, tag in normalised.items():
            if tag:
                self.spellings[tag][shown_spelling(text)] += 1
        if tags:
            self.tags.setdefault(photo, set()).update(tags)
            if complete:
                self.complete.add(photo)
        return bool(tags)

    def result(self) -> SeedTags:
        if self.too_long:
            self.notices.append(f"{plural(self.too_long, 'tag')} of more than {MAX_TAG_CHARACTERS} characters skipped.")
        distinct = sorted(self.spellings)
        column = {tag: at for at, tag in enumerate(distinct)}
        vocabulary = tuple(self._usual_spelling(tag) for tag in distinct)
        photos = np.array(sorted(self.tags), dtype=np.int32)
        matrix = np.zeros((len(photos), len(vocabulary)), dtype=np.bool_)
        for row, photo in enumerate(photos.tolist()):
            matrix[row, [column[tag] for tag in self.tags[photo]]] = True
        none = np.array(sorted(self.none - self.tags.keys()), dtype=np.int32)
        partial = ~np.isin(photos, sorted(self.complete))
        return SeedTags(
            vocabulary, photos, matrix, tuple(self.notices), none, partial=partial if partial.any() else None
        )

    def _usual_spelling(self, tag: str) -> str:
        """The most frequent spelling, on ties the normalised one."""
        spellings = self.spellings[tag]
        return min(spellings, key=lambda spelling: (-spellings[spelling], spelling != tag, spelling))
