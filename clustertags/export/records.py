"""What is exported of a library: each file with the person's tags, the predicted ones, and its cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from clustertags.errors import UsageError
from clustertags.labels.normalisation import normalise_tag, shown_spelling
from clustertags.library.model import FittedLibrary
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.types import UNCLUSTERED


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export.

    `mine`, `predicted`: whether the tags that the person gave and those predicted are exported. `precision`: in 0..1,
    how often predicted tags are to be right, instead of the calibrated score of 0.5 that a tag needs by default.
    `under`: a parent for all predicted tags in hierarchical keywords, such as `auto`; "" for none.
    """

    mine: bool = True
    predicted: bool = True
    precision: float | None = None
    under: str = ""

    def __post_init__(self) -> None:
        if self.under and shown_spelling(self.under) != self.under:
            raise UsageError("--under takes one name, without | and without spaces around it")


@dataclass(frozen=True, slots=True)
class Predicted:
    """A predicted tag with its calibrated score in 0..1."""

    tag: str
    score: float


@dataclass(frozen=True, slots=True)
class Record:
    """One file. `photo`: index in the library; `path`: relative to the photo folder, `/` between the parts; `mine`: in
    alphabetical order; `predicted`: best first, none that is among `mine`; `cluster`: number and name; `embedded`: the
    keywords inside the photo, as they are written there; `added`: whether the photo joined after the fit.
    """

    photo: int
    path: str
    mine: tuple[str, ...]
    predicted: tuple[Predicted, ...]
    cluster: tuple[int, str] | None
    embedded: tuple[str, ...] = ()
    added: bool = False


def records(
    library: FittedLibrary,
    options: ExportOptions,
    thresholds: Mapping[str, float] | None = None,
    embedded: Mapping[str, tuple[str, ...]] | None = None,
) -> Iterator[Record]:
    """Every file of the library, copies of a photo too, by path; hidden photos excluded.

    `thresholds`: by tag, the least score at which it is right with the precision of the options; a tag without one
    must have a score of that precision. Uninformative tags are predicted only next to others. `embedded`: the keywords
    inside photos, by content hash.
    """
    requested = MIN_SCORE if options.precision is None else options.precision
    least = {tag: (thresholds or {}).get(tag, requested) for tag in library.seeds.vocabulary}
    by_path = [(path, at) for at in np.flatnonzero(library.visible()).tolist() for path in library.photos[at].paths]
    for path, photo in sorted(by_path):
        mine = library.seed_tags_of(photo)
        predicted = _predicted(library, photo, mine, least) if options.predicted else ()
        label = int(library.clusters.labels[photo])
        cluster = None if label == UNCLUSTERED else (label, library.descriptions[label].name)
        inside = (embedded or {}).get(library.photos[photo].content_hash, ())
        own = mine if options.mine else ()
        yield Record(photo, path, own, predicted, cluster, inside, library.is_added(photo))


def _predicted(
    library: FittedLibrary, photo: int, mine: tuple[str, ...], least: Mapping[str, float]
) -> tuple[Predicted, ...]:
    own = {normalise_tag(tag) for tag in mine}
    given = [
        Predicted(tag, round(score, 6))
        for tag, score in library.tags_of(photo)
        if score >= least[tag] and normalise_tag(tag) not in own
    ]
    return tuple(given) if any(item.tag not in library.demoted for item in given) else ()
