"""A file in memory through which a decoding process hands over pixels, and says what it is at.

Not `multiprocessing.shared_memory`: before Python 3.13 each process that opens such a block also removes it at its end.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Since when (monotonic seconds, infinity while nothing is timed), and the place in the request.
_STATE = struct.Struct("dq")
_HEADER_BYTES = 64
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's file system in memory; a private file is made in it


class SharedPixels:
    """`n_slots` slots of pixels of one `shape`, in a private file of no name once both sides have opened it."""

    def __init__(self, path: Path, n_slots: int, shape: tuple[int, int, int, int]) -> None:
        self.path = path
        self._shape, self._size = shape, int(np.prod(shape))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _HEADER_BYTES + n_slots * self._size)

    @classmethod
    def create(cls, n_slots: int, shape: tuple[int, int, int, int]) -> SharedPixels:
        """Make the file; `path` tells the other side where it is, until `unlink`."""
        n_bytes = _HEADER_BYTES + n_slots * int(np.prod(shape))
        path = None
        if os.access(_IN_MEMORY, os.W_OK):
            with suppress(OSError):  # a container's is often too small
                path = _reserve(_IN_MEMORY, n_bytes)
        pixels = cls(path or _reserve(Path(tempfile.gettempdir()), n_bytes), n_slots, shape)
        pixels.rest()
        return pixels

    def unlink(self) -> None:
        with suppress(OSError):  # another system keeps an open file's name; it is removed when the process has ended
            self.path.unlink()

    def close(self) -> None:
        self._memory.close()
        self.unlink()

    def write(self, slot: int, pixels: NDArray[np.uint8]) -> None:
        start = _HEADER_BYTES + slot * self._size
        self._memory[start : start + self._size] = pixels.tobytes()

    def read(self, slot: int) -> NDArray[np.uint8]:
        """A copy of a slot's pixels."""
        start = _HEADER_BYTES + slot * self._size
        return np.frombuffer(self._memory, np.uint8, self._size, start).reshape(self._shape).copy()

    def begin(self, place: int, now: float) -> None:
        """Say that the file at `place` of the request is begun."""
        _STATE.pack_into(self._memory, 0, now, place)

    def rest(self) -> None:
        """Say that nothing is being decoded."""
        self.begin(-1, float("inf"))

    def state(self) -> tuple[float, int]:
        """Since when, and at which place of the request."""
        since, place = _STATE.unpack_from(self._memory, 0)
        return since, place


def _reserve(folder: Path, n_bytes: int) -> Path:
    """A new file of so many bytes. What is only claimed kills the process that writes to it where there is no room."""
    descriptor, name = tempfile.mkstemp(prefix="clustertags-", dir=folder)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, n_bytes)
        else:
            os.truncate(descriptor, n_bytes)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    return Path(name)
