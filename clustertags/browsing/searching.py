"""Photos by tag, by file name, and by likeness; hidden photos are never among them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clustertags.browsing.folded_text import folded
from clustertags.browsing.slices import Slice, cut
from clustertags.errors import UsageError
from clustertags.labels.vocabulary import normalise_tag
from clustertags.library.model import FittedLibrary

_SURE = 2.0  # the rank of a tag that the person gave: before every score


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """`photo`: index in the library; `score`: the tag's score or the cosine in 0..1, 1 for a name; `own`: the person
    gave the tag.
    """

    photo: int
    score: float
    own: bool = False


class PhotoIndex:
    """What is asked of one library, often. What takes a while (the names, a third of a second for 100,000 photos) is
    made when it is first needed.
    """

    def __init__(self, library: FittedLibrary) -> None:
        self._library = library
        self._visible = library.visible()
        self._columns = {normalise_tag(tag): at for at, tag in enumerate(library.seeds.vocabulary)}

    @cached_property
    def _names(self) -> list[str]:
        """The paths of each photo, folded; those of hidden ones are empty."""
        return [
            folded("\n".join(photo.paths)) if shown else ""
            for photo, shown in zip(self._library.photos, self._visible.tolist(), strict=True)
        ]

    @cached_property
    def _popularity(self) -> NDArray[np.intp]:
        return np.asarray(self._library.seeds.matrix.sum(axis=0), np.intp)

    def by_tag(self, tag: str, *, min_score: float = 0.3, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """The person's own first, then by falling score; any spelling of the tag, none found where it is unknown."""
        column = self._columns.get(normalise_tag(tag), -1)
        if column < 0:
            return cut((), offset, limit, _found_nothing)
        library = self._library
        scores = np.zeros(library.n_photos, np.float32)
        rows, places = np.nonzero(library.top_tags.tags == column)
        scores[rows] = library.top_tags.scores[rows, places]
        own = np.zeros(library.n_photos, np.bool_)
        own[library.seeds.photos[library.seeds.matrix[:, column]]] = True
        found = np.flatnonzero((own | (scores >= max(min_score, 1e-9))) & self._visible)
        found = found[np.argsort(-(scores[found] + _SURE * own[found]), kind="stable")]
        return cut(found.tolist(), offset, limit, lambda at: FoundPhoto(at, round(float(scores[at]), 6), bool(own[at])))

    def by_name(self, text: str, *, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """Photos one of whose paths holds `text`, in the order of the paths; Unicode forms and letter case make no
        difference. An empty text finds all.
        """
        wanted = folded(text).strip("\n")
        found = [at for at, name in enumerate(self._names) if name and wanted in name]
        return cut(found, offset, limit, lambda at: FoundPhoto(at, 1.0))

    def like_photo(self, photo: int, *, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """All others by falling cosine in the PCA space. Raises `UsageError` where there is no such photo."""
        if not 0 <= photo < self._library.n_photos:
            raise UsageError(f"there is no photo {photo}: photos are numbered 0 to {self._library.n_photos - 1:,}")
        cosines = self._library.space @ self._library.space[photo]
        shown = self._visible.copy()
        shown[photo] = False
        cosines[~shown] = -np.inf
        total = int(shown.sum())
        wanted = min(max(offset + limit, 0), total)
        best = np.argpartition(-cosines, wanted - 1)[:wanted] if 0 < wanted < len(cosines) else np.flatnonzero(shown)
        best = best[np.lexsort((best, -cosines[best]))]
        part = cut(best.tolist(), offset, limit, lambda at: FoundPhoto(at, _share(float(cosines[at]))))
        return Slice(part.items, offset, total, offset + limit if offset + limit < total else None)

    def complete_tag(self, text: str, limit: int = 10) -> tuple[str, ...]:
        """Tags of the vocabulary that begin with `text`, then those that hold it; the most given first."""
        wanted = normalise_tag(text)
        holding = [tag for tag in self._columns if wanted in tag]
        holding.sort(key=lambda tag: (not tag.startswith(wanted), -int(self._popularity[self._columns[tag]]), tag))
        return tuple(self._library.seeds.vocabulary[self._columns[tag]] for tag in holding[:limit])


def _share(cosine: float) -> float:
    return round(min(max(cosine, 0.0), 1.0), 6)


def _found_nothing(_: object) -> FoundPhoto:
    raise AssertionError("there is nothing to show")
