"""The card of a photo on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clustertags.library.model import FittedLibrary
from clustertags.pages.arrangement import photo_anchor
from clustertags.pages.thumbnails import Thumbnail
from clustertags.support.printable import printable
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.types import UNCLUSTERED

PHOTO_TAGS = 5
SUGGESTION_SCORE = 0.1
"""A suggestion with a lower score is not worth showing, unless the photo has nothing else to show."""


@dataclass(frozen=True, slots=True)
class ShownTag:
    """A tag with its score as text, empty where there is none; `own`: whether it is the user's label; `suggested`:
    whether the photo does not have it, as its score is below `MIN_SCORE`. `note`: what the score is of, for a cluster's
    tags.
    """

    tag: str
    score: str
    own: bool = False
    suggested: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class PhotoCard:
    """A photo on a page. `membership`: how certain its cluster is, such as `89% sure of this cluster`; empty
    for an unclustered photo. `copies`: the other files with the same bytes. `companions`: its RAW
    file and the like. `added`: whether it joined after the fit. `tags`: suggestions last. `blank`: such as
    `nothing to see: noise`; empty where there is something.
    """

    photo: int
    anchor: str
    name: str
    alt: str
    thumbnail: Thumbnail | None
    tags: tuple[ShownTag, ...]
    labelled: bool
    membership: str
    copies: tuple[str, ...]
    companions: tuple[str, ...] = ()
    blank: str = ""
    added: bool = False


def percent(share: float, decimals: int = 0) -> str:
    """`0.834` as `83%`. A share between 0 and 1 is never rounded to either of them."""
    text = f"{100 * share:.{decimals}f}"
    smallest = 10.0**-decimals
    if share > 0 and float(text) == 0:
        return f"<{smallest:.{decimals}f}%"
    if share < 1 and float(text) == 100:
        return f">{100 - smallest:.{decimals}f}%"
    return f"{text}%"


def photo_card(library: FittedLibrary, thumbnails: Sequence[Thumbnail | None], photo: int) -> PhotoCard:
    own = library.seed_tags_of(photo)
    tags = shown_tags(own, library.tags_of(photo))
    item = library.photos[photo]
    name = printable(item.path)
    return PhotoCard(
        photo=photo,
        anchor=photo_anchor(photo),
        name=name,
        alt=_alt(name, tags),
        thumbnail=thumbnails[photo],
        tags=tags,
        labelled=bool(own),
        membership=_membership(library, photo),
        copies=tuple(printable(path) for path in item.paths[1:]),
        companions=tuple(printable(path) for path in item.companions),
        blank=library.why_blank(photo),
        added=library.is_added(photo),
    )


def shown_tags(own: Sequence[str], predicted: Sequence[tuple[str, float]]) -> tuple[ShownTag, ...]:
    """The user's tags first, then the best of the others, then suggestions; each with its score where it has one."""
    scores = dict(predicted)
    others = [(tag, score) for tag, score in predicted if tag not in own]
    likely = [(tag, score) for tag, score in others if score >= SUGGESTION_SCORE] or ([] if own else others[:1])
    return (
        *(ShownTag(printable(tag), percent(scores[tag]) if tag in scores else "", own=True) for tag in own),
        *(
            ShownTag(printable(tag), percent(score), suggested=is_suggestion(score))
            for tag, score in likely[:PHOTO_TAGS]
        ),
    )


def is_suggestion(score: float) -> bool:
    """Whether a tag with this score is a suggestion, which the photo does not have."""
    return score < MIN_SCORE


def _alt(name: str, tags: Sequence[ShownTag]) -> str:
    """Such as `a.jpg: dog, cat`, or `a.jpg, suggestion: dog` where the photo has no tags."""
    if has := [tag.tag for tag in tags if not tag.suggested]:
        return f"{name}: {', '.join(has[:3])}"
    return f"{name}, suggestion: {tags[0].tag}" if tags else name


def _membership(library: FittedLibrary, photo: int) -> str:
    clusters = library.clusters
    if clusters.labels[photo] == UNCLUSTERED:
        return ""
    sure = f"{percent(float(clusters.probabilities[photo]))} sure"
    by_vote = clusters.noise[photo] or library.is_added(photo)
    return f"assigned by its nearest photos, {sure}" if by_vote else f"{sure} of this cluster"
