"""Photos by tag, by file name, and by likeness; hidden photos are never among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from clustertags.library.model import FittedLibrary

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Part of a list: `items` from `offset` on, of `total`; `next_offset` is None at its end."""

    items: tuple[T, ...]
    offset: int
    total: int
    next_offset: int | None


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """`photo`: index in the library; `score`: the tag's score or the cosine in 0..1, 1 for a name; `own`: the person
    gave the tag.
    """

    photo: int
    score: float
    own: bool = False


class PhotoIndex:
    """Made once for a library (under a second for 100,000 photos), then asked often."""

    def __init__(self, library: FittedLibrary) -> None:
        raise NotImplementedError

    def by_tag(self, tag: str, *, min_score: float = 0.3, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """The person's own first, then by falling score; any spelling of the tag."""
        raise NotImplementedError

    def by_name(self, text: str, *, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """Paths that hold `text`, normalised and without regard to letter case, in the order of the paths."""
        raise NotImplementedError

    def like_photo(self, photo: int, *, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """All others by falling cosine in the PCA space."""
        raise NotImplementedError

    def like_space(self, row: NDArray[np.float32], *, offset: int = 0, limit: int = 100) -> Slice[FoundPhoto]:
        """Likewise for a photo that is not in the library; `row`: (n_components,) of `projection.project`."""
        raise NotImplementedError

    def complete_tag(self, text: str, limit: int = 10) -> tuple[str, ...]:
        """Tags of the vocabulary that begin with `text`, then those that hold it, the commonest first."""
        raise NotImplementedError
