"""Files that arrive in a folder, and when they are whole."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from clustertags.photos.files import has_photo_suffix, has_video_suffix
from clustertags.photos.left_out_folders import is_left_out

LONGEST_WAIT_SECONDS = 10.0
"""Whole files wait no longer than this for others that still arrive."""

# Next to what will be the file, browsers and copiers write its content under a name with one of these endings.
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp")


@dataclass(slots=True)
class _Arrival:
    """What a file was when it was looked at last, and since when; `whole_since`: when it was found whole."""

    size_bytes: int
    mtime_ns: int
    since: float
    whole_since: float | None = None


class Arrivals:
    """Photos and videos that arrived and were not taken yet.

    A file is whole when its size and time have not changed for `settle_seconds`, or when its time is older than that:
    a file that was moved into place keeps its time, one that is written has that of the last byte. An empty file is
    never whole, nor one with an unfinished download beside it. `clock`: seconds that never go back; `now`: of the day.
    """

    def __init__(
        self,
        settle_seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settle, self._clock, self._now = settle_seconds, clock, now
        self._waiting: dict[Path, _Arrival] = {}

    def note(self, path: Path) -> None:
        """A file that changed, or a folder that came with all its files; other names than those of photos and videos
        are ignored, and hidden ones, under which programs keep what is not finished.
        """
        if is_left_out(path.name):
            return
        try:
            status = path.lstat()
        except OSError:
            self._waiting.pop(path, None)
            return
        if stat.S_ISDIR(status.st_mode):
            for folder, folders, names in os.walk(path):
                folders[:] = [name for name in folders if not is_left_out(name)]
                for name in names:
                    self._note_file(Path(folder, name))
        elif stat.S_ISREG(status.st_mode):
            self._note_file(path)

    def _note_file(self, path: Path) -> None:
        name = str(path)
        if (has_photo_suffix(name) or has_video_suffix(name)) and not is_left_out(path.name):
            self._waiting.setdefault(path, _Arrival(-1, -1, self._clock()))

    def whole(self) -> tuple[Path, ...]:
        """All whole files, by path, once none is still arriving or the first has waited long enough; else none."""
        for path, arrival in list(self._waiting.items()):
            self._look(path, arrival)
        whole = {path: item.whole_since for path, item in self._waiting.items() if item.whole_since is not None}
        if not whole:
            return ()
        waited = self._clock() - min(whole.values())
        arriving = len(whole) < len(self._waiting)
        return () if arriving and waited < LONGEST_WAIT_SECONDS else tuple(sorted(whole))

    def take(self, paths: Iterable[Path]) -> None:
        """Forget files, which are dealt with."""
        for path in paths:
            self._waiting.pop(path, None)

    def _look(self, path: Path, arrival: _Arrival) -> None:
        try:
            status = path.lstat()
        except OSError:  # removed, or moved on
            del self._waiting[path]
            return
        clock = self._clock()
        if (status.st_size, status.st_mtime_ns) != (arrival.size_bytes, arrival.mtime_ns):
            arrival.size_bytes, arrival.mtime_ns, arrival.since = status.st_size, status.st_mtime_ns, clock
            arrival.whole_since = None
        settled = clock - arrival.since >= self._settle or self._now() - status.st_mtime >= self._settle
        if not settled or not status.st_size or _is_unfinished(path):
            arrival.whole_since = None
        elif arrival.whole_since is None:
            arrival.whole_since = clock


def _is_unfinished(path: Path) -> bool:
    return any(os.path.lexists(f"{path}{ending}") for ending in _UNFINISHED)
