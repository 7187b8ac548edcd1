"""The process that decodes photos for another one, see `decoding_protocol`.

It ends when its input ends, so none outlives the process that started it.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import filelock

from clustertags.engines.decoding_protocol import FILES_A_REQUEST, READY, outcomes_line, read_request, read_setup
from clustertags.engines.known_contents import KnownContents
from clustertags.engines.shared_pixels import SharedPixels
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.photo_reading import DecodedPhoto, PhotoReader
from clustertags.photos.decoding import quiet_decoding, register_reader, share_large_lock
from clustertags.photos.discovery import FoundFile


def main() -> None:
    """Answer requests until there are none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one heeds it, and ends this one
    requests, answers = sys.stdin.buffer, _take_standard_output()
    setup = read_setup(requests.readline())
    pixels = SharedPixels(setup.pixels, FILES_A_REQUEST, setup.pixels_shape)
    reader = PhotoReader(setup.preprocess, setup.limits, KnownContents(setup.known), setup.follow_links)
    share_large_lock(_UntimedLock(setup.large_lock, pixels))
    register_reader("JPEG")
    answers.write(READY)
    with quiet_decoding():
        for line in requests:
            root, paths = read_request(line)
            answers.write(outcomes_line(_decode_all(reader, pixels, root, paths)))


def _decode_all(
    reader: PhotoReader, pixels: SharedPixels, root: Path, paths: list[str]
) -> list[ExtractedFile | DecodedPhoto]:
    outcomes = []
    for place, path in enumerate(paths):
        pixels.begin(place, time.monotonic())
        outcome = reader.read(root, FoundFile(path, 0, 0))
        if isinstance(outcome, DecodedPhoto):
            pixels.write(place, outcome.pixels)
        outcomes.append(outcome)
    pixels.rest()
    return outcomes


class _UntimedLock:
    """The lock for large photos, shared through a file, which a process that dies lets go. Waiting is not timed."""

    def __init__(self, path: Path, pixels: SharedPixels) -> None:
        self._lock, self._pixels = filelock.FileLock(path), pixels

    def __enter__(self) -> None:
        _, place = self._pixels.state()
        self._pixels.begin(place, math.inf)
        self._lock.acquire()
        self._pixels.begin(place, time.monotonic())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()


def _take_standard_output() -> BinaryIO:
    """Standard output, unbuffered, out of the reach of native decoders that print."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


if __name__ == "__main__":
    main()
