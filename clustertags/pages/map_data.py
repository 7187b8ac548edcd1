"""The points of the map as columns for the page's script, in a script file that a page opened from disk may load."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.library.model import FittedLibrary
from clustertags.pages.arrangement import MAP_PAGE, Arrangement, cluster_page, unclustered_page
from clustertags.pages.cards import PhotoCard, photo_card
from clustertags.pages.context import ClusterCard, LibrarySummary, library_summary
from clustertags.pages.thumbnails import Thumbnail
from clustertags.support.printable import printable
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.types import Int32, UInt8

EXTENT = 65_535
LEGEND_CLUSTERS = 40
POINT_TAGS = 4
COLOUR_TAGS = 200


@dataclass(frozen=True, slots=True)
class MapPage:
    """The page of the map, without its points. `largest`: the clusters in the legend; `tags`: the most frequent best
    tags, each with its number.
    """

    href: str
    library: LibrarySummary
    largest: tuple[ClusterCard, ...]
    tags: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MapData:
    """One entry a photo in each column but `names` and `hrefs`, which have one a cluster.

    `x`, `y`: integers in 0..65535, the longer side of the map filling the range. `cluster`: -1 where unclustered.
    `page`: the page of its cluster that shows it. `thumb`: where its thumbnail lies, empty where there is none.
    `tags`: one text, best first. `best`: the number of the best tag, -1 for none, and `certainty` its score in 0..255.
    `labelled`: 1 where the user tagged it. `hrefs` contain `{page}` in place of the page's number.
    """

    x: list[int]
    y: list[int]
    cluster: list[int]
    page: list[int]
    labelled: list[int]
    thumb: list[str]
    name: list[str]
    tags: list[str]
    best: list[int]
    certainty: list[int]
    names: list[str]
    hrefs: list[str]
    unclustered_href: str


def map_page(library: FittedLibrary, cards: tuple[ClusterCard, ...]) -> MapPage:
    return MapPage(MAP_PAGE, library_summary(library), cards[:LEGEND_CLUSTERS], commonest_tags(library))


def best_tags(library: FittedLibrary) -> tuple[Int32, UInt8]:
    """(n_photos,) each: the number of a photo's best tag that is not demoted, -1 where the photo has none, and the
    score of the best one, tag or suggestion, in 0..255.
    """
    top = library.informative_top_tags()
    if not top.tags.shape[1]:
        return np.full(library.n_photos, -1, np.int32), np.zeros(library.n_photos, np.uint8)
    has = np.where(top.scores[:, 0] >= np.float32(MIN_SCORE), top.tags[:, 0], np.int32(-1))
    return has, np.rint(np.clip(top.scores[:, 0], 0, 1) * 255).astype(np.uint8)


def commonest_tags(library: FittedLibrary) -> tuple[tuple[int, str], ...]:
    """The most frequent best tags of the photos that have one, most photos first, each with its number."""
    best, _ = best_tags(library)
    counts = np.bincount(best[best >= 0], minlength=len(library.seeds.vocabulary))
    order = np.argsort(-counts, kind="stable")[:COLOUR_TAGS].tolist()
    return tuple((tag, printable(library.seeds.vocabulary[tag])) for tag in order if counts[tag])


def map_data(
    library: FittedLibrary,
    arrangement: Arrangement,
    thumbnails: Sequence[Thumbnail | None],
    cards: tuple[ClusterCard, ...],
) -> MapData:
    places = scaled(library.map)
    best, certainty = best_tags(library)
    shown = [photo_card(library, thumbnails, photo) for photo in range(library.n_photos)]
    return MapData(
        x=places[:, 0].tolist(),
        y=places[:, 1].tolist(),
        cluster=library.clusters.labels.tolist(),
        page=arrangement.page_of.tolist(),
        labelled=[int(card.labelled) for card in shown],
        thumb=[card.thumbnail.href if card.thumbnail else "" for card in shown],
        name=[card.name for card in shown],
        tags=[point_tags(card) for card in shown],
        best=best.tolist(),
        certainty=certainty.tolist(),
        names=[card.name for card in cards],
        hrefs=[cluster_page(card.id).replace("-1.html", "-{page}.html") for card in cards],
        unclustered_href=unclustered_page().replace("-1.html", "-{page}.html"),
    )


def point_tags(card: PhotoCard) -> str:
    """The first tags of a photo with their scores: `cat 90%, pet 60%; suggested: dog 30%`."""
    shown = card.tags[:POINT_TAGS]
    has, suggested = (
        ", ".join(f"{tag.tag} {tag.score}".strip() for tag in shown if tag.suggested == is_suggested)
        for is_suggested in (False, True)
    )
    return "; ".join(filter(None, [has, suggested and f"suggested: {suggested}"]))


def scaled(places: NDArray[np.float32]) -> NDArray[np.int64]:
    """(n_photos, 2) of any finite range to integers in 0..65535, proportions kept and the shorter side centred."""
    if len(places) == 0:
        return np.zeros((0, 2), dtype=np.int64)
    finite = np.nan_to_num(places.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = finite.min(axis=0), finite.max(axis=0)
    side = max(float((high - low).max()), 1e-9)
    centred = (finite - (low + high) / 2) / side + 0.5
    integers: NDArray[np.int64] = np.rint(centred * EXTENT).astype(np.int64)
    return integers


def as_script(data: MapData) -> str:
    """An assignment of one global. In addition to JSON's escapes, everything outside ASCII and each of `<`, `>` and `&`
    is written as `\\uXXXX`, so that no name can end the script or its line.
    """
    text = json.dumps(asdict(data), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"globalThis.clustertagsMap = {text};\n"
