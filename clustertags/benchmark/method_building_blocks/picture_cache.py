"""A cache of values computed from pictures, shared by all rows, budgets and draws."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from PIL import Image

from clustertags.benchmark.method_interface import PhotoSample, Pictures
from clustertags.errors import UsageError

_T = TypeVar("_T")


def picture_digest(picture: Image.Image) -> bytes:
    """A hash of the picture's pixels."""
    shape = repr((picture.mode, picture.size)).encode()
    return hashlib.sha256(shape + picture.tobytes()).digest()


class PictureCache(Generic[_T]):
    """Caches `make(picture)` for the last `n_kept` different pictures.

    The key is a hash of the pixels, or `pictures.digest(index)` where there is such a method, without decoding.
    """

    def __init__(self, make: Callable[[Image.Image], _T], n_kept: int) -> None:
        self._make = make
        self._n_kept = n_kept
        self._kept: OrderedDict[object, _T] = OrderedDict()

    def get(self, pictures: Pictures, index: int) -> _T:
        """The value of the picture at `index`."""
        digest: Callable[[int], object] = getattr(pictures, "digest", lambda at: picture_digest(pictures[at]))
        key = digest(index)
        if key not in self._kept:
            self._kept[key] = self._make(pictures[index])
            while len(self._kept) > self._n_kept:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def get_all(self, pictures: Pictures) -> list[_T]:
        """The values of all pictures, in order."""
        return [self.get(pictures, index) for index in range(len(pictures))]


def pictures_of(photos: PhotoSample, method: str) -> Pictures:
    """The sample's pictures. Raises `UsageError` where there are none."""
    if photos.pictures is None:
        raise UsageError(f"{method} needs the pictures and there are only features: leave it out, or give the photos")
    return photos.pictures
