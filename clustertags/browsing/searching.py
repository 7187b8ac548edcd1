"""Search for photos by tag, by file name, and by similarity; hidden photos are excluded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clustertags.browsing.folded_text import folded
from clustertags.browsing.slices import Slice, cut
from clustertags.errors import UsageError
from clustertags.labels.normalisation import normalise_tag
from clustertags.library.model import FittedLibrary
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.types import Bool, Float32

_LABELLED = 2.0  # added to the score of a label: ranks before every prediction


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """`photo`: index in the library; `score`: of the tag, or the cosine, in 0..1, 1 for a name; `own`: whether the tag
    is the user's label.
    """

    photo: int
    score: float
    own: bool = False


def scores_of_tag(library: FittedLibrary, column: int) -> tuple[Float32, Bool]:
    """(n_photos,) both: the score of a tag of the vocabulary, 0 where it is none of a photo's best; whether the user
    gave it.
    """
    scores, own = np.zeros(library.n_photos, np.float32), np.zeros(library.n_photos, np.bool_)
    rows, places = np.nonzero(library.top_tags.tags == column)
    scores[rows] = library.top_tags.scores[rows, places]
    own[library.seeds.photos[library.seeds.matrix[:, column]]] = True
    return scores, own


class PhotoIndex:
    """An index of a library's photos for repeated queries. The folded names (a third of a second for 100,000 photos)
    are computed on first use.
    """

    def __init__(self, library: FittedLibrary) -> None:
        self._library = library
        self._visible = library.visible()
        self._columns = {normalise_tag(tag): at for at, tag in enumerate(library.seeds.vocabulary)}

    @cached_property
    def _names(self) -> list[str]:
        """The files of each photo, folded; those of hidden ones are empty."""
        return [
            folded("\n".join(photo.files)) if shown else ""
            for photo, shown in zip(self._library.photos, self._visible.tolist(), strict=True)
        ]

    @cached_property
    def _popularity(self) -> NDArray[np.intp]:
        return np.asarray(self._library.seeds.matrix.sum(axis=0), np.intp)

    def by_tag(self, tag: str, *, min_score: float = MIN_SCORE, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """Photos that have the tag: labelled ones first, then by decreasing score from `min_score` on; any spelling of
        the tag, no photos for an unknown one.
        """
        column = self._columns.get(normalise_tag(tag), -1)
        if column < 0:
            return cut((), offset, limit, _unreachable)
        scores, own = scores_of_tag(self._library, column)
        found = np.flatnonzero((own | (scores >= max(min_score, 1e-9))) & self._visible)
        found = found[np.argsort(-(scores[found] + _LABELLED * own[found]), kind="stable")]
        return cut(found.tolist(), offset, limit, lambda at: FoundPhoto(at, round(float(scores[at]), 6), bool(own[at])))

    def by_name(self, text: str, *, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """Photos with `text` in one of their paths, by path; Unicode forms and letter case are ignored. An empty text
        finds all.
        """
        folded_text = folded(text).strip("\n")
        found = [at for at, name in enumerate(self._names) if name and folded_text in name]
        return cut(self._library.by_path(found), offset, limit, lambda at: FoundPhoto(at, 1.0))

    def like_photo(self, photo: int, *, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """All other photos by decreasing cosine in the PCA space. Raises `UsageError` for an unknown photo."""
        if not 0 <= photo < self._library.n_photos:
            raise UsageError(f"there is no photo {photo}: photos are numbered 0 to {self._library.n_photos - 1:,}")
        cosines = self._library.space @ self._library.space[photo]
        shown = self._visible.copy()
        shown[photo] = False
        cosines[~shown] = -np.inf
        total = int(shown.sum())
        n_best = min(max(offset + limit, 0), total)
        best = np.argpartition(-cosines, n_best - 1)[:n_best] if 0 < n_best < len(cosines) else np.flatnonzero(shown)
        best = best[np.lexsort((best, -cosines[best]))]
        part = cut(best.tolist(), offset, limit, lambda at: FoundPhoto(at, _share(float(cosines[at]))))
        return Slice(part.items, offset, total, offset + limit if offset + limit < total else None)

    def complete_tag(self, text: str, limit: int = 10) -> tuple[str, ...]:
        """Tags of the vocabulary that begin with `text`, then those that contain it; the most frequent first."""
        prefix = normalise_tag(text)
        matching = [tag for tag in self._columns if prefix in tag]
        matching.sort(key=lambda tag: (not tag.startswith(prefix), -int(self._popularity[self._columns[tag]]), tag))
        return tuple(self._library.seeds.vocabulary[self._columns[tag]] for tag in matching[:limit])


def _share(cosine: float) -> float:
    return round(min(max(cosine, 0.0), 1.0), 6)


def _unreachable(_: object) -> FoundPhoto:
    raise AssertionError("an empty list has no items")
