"""What is computed from a picture, once for all rows, budgets and draws that ask for it."""

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
    """Names the picture's pixels."""
    shape = repr((picture.mode, picture.size)).encode()
    return hashlib.sha256(shape + picture.tobytes()).digest()


class OfPictures(Generic[_T]):
    """What `make` gives of a picture, for the last `n_kept` different ones.

    Pictures are known by their pixels, unless what holds them has a method `digest(index)` that names a photo's
    content without decoding it.
    """

    def __init__(self, make: Callable[[Image.Image], _T], n_kept: int) -> None:
        self._make = make
        self._n_kept = n_kept
        self._kept: OrderedDict[object, _T] = OrderedDict()

    def of(self, pictures: Pictures, index: int) -> _T:
        """Of the picture at `index`."""
        digest: Callable[[int], object] = getattr(pictures, "digest", lambda at: picture_digest(pictures[at]))
        key = digest(index)
        if key not in self._kept:
            self._kept[key] = self._make(pictures[index])
            while len(self._kept) > self._n_kept:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def of_all(self, pictures: Pictures) -> list[_T]:
        """Of every picture, in order."""
        return [self.of(pictures, index) for index in range(len(pictures))]


def pictures_of(photos: PhotoSample, method: str) -> Pictures:
    """The sample's pictures. Raises `UsageError` where there are none."""
    if photos.pictures is None:
        raise UsageError(f"{method} needs the pictures and only features are there: leave it out, or give the photos")
    return photos.pictures
