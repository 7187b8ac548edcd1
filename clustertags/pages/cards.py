"""One photo as every page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clustertags.library.model import FittedLibrary
from clustertags.pages.arrangement import photo_anchor
from clustertags.pages.thumbnails import Thumbnail
from clustertags.support.printable import printable
from clustertags.types import UNCLUSTERED

PHOTO_TAGS = 5
# A tag below this score says nothing to a reader; the best one is shown all the same.
MIN_SCORE = 0.1


@dataclass(frozen=True, slots=True)
class ShownTag:
    """A tag with its score as text, empty where there is none; `own` where the person gave it."""

    tag: str
    score: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class PhotoCard:
    """`firmness` says in words how a photo belongs to its cluster, `firmness_share` in percent; both are empty for an
    unclustered one. `copies` are the other files with the same bytes.
    """

    photo: int
    anchor: str
    name: str
    alt: str
    thumbnail: Thumbnail | None
    tags: tuple[ShownTag, ...]
    labelled: bool
    firmness: str
    firmness_share: str
    copies: tuple[str, ...]


def percent(share: float, decimals: int = 0) -> str:
    """`0.834` as `83%`. A share that is neither none nor all is never rounded to one of them."""
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
    firmness, share = _firmness(library, photo)
    return PhotoCard(
        photo=photo,
        anchor=photo_anchor(photo),
        name=name,
        alt=f"{name}: {', '.join(tag.tag for tag in tags[:3])}" if tags else name,
        thumbnail=thumbnails[photo],
        tags=tags,
        labelled=bool(own),
        firmness=firmness,
        firmness_share=share,
        copies=tuple(printable(path) for path in item.paths[1:]),
    )


def shown_tags(own: Sequence[str], predicted: Sequence[tuple[str, float]]) -> tuple[ShownTag, ...]:
    """The person's tags first, then the best of the others; each with its score where it has one."""
    scores = dict(predicted)
    others = [(tag, score) for tag, score in predicted if tag not in own]
    likely = [(tag, score) for tag, score in others if score >= MIN_SCORE] or ([] if own else others[:1])
    return (
        *(ShownTag(printable(tag), percent(scores[tag]) if tag in scores else "", own=True) for tag in own),
        *(ShownTag(printable(tag), percent(score)) for tag, score in likely[:PHOTO_TAGS]),
    )


def _firmness(library: FittedLibrary, photo: int) -> tuple[str, str]:
    clusters = library.clusters
    if clusters.labels[photo] == UNCLUSTERED:
        return "", ""
    probability = float(clusters.probabilities[photo])
    if clusters.noise[photo]:
        return "joined by its neighbours", percent(probability)
    words = "firmly here" if probability >= 0.75 else "fairly here" if probability >= 0.4 else "at the edge"
    return words, percent(probability)
