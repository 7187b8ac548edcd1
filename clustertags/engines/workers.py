"""How many decode at a time, and whether in threads or in processes of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from clustertags.errors import UsageError
from clustertags.support.cores import usable_cores
from clustertags.support.counts import plural

# Python's lock lets threads decode about twice what one does, however many there are: on 16 cores 832 small JPEGs a
# second, and 8,119 in processes. With two cores threads reach 0.95 of the bound already (docs/results/performance.md).
_LEAST_CORES = 4
# Starting a process takes about 0.3 s of the processor: that many photos are extracted meanwhile.
_LEAST_FILES = 256


@dataclass(frozen=True, slots=True)
class Workers:
    """`count` photos are decoded at a time, each in a thread or in a process."""

    kind: Literal["threads", "processes"]
    count: int

    def __str__(self) -> str:
        return plural(self.count, {"threads": "thread", "processes": "process"}[self.kind], self.kind)


def choose_workers(n_files: int, jobs: int | None = None) -> Workers:
    """`jobs`: how many photos at a time, None for as many as there are cores. Raises `UsageError` below 1."""
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs is {jobs}: it must be at least 1")
    count = jobs or usable_cores()
    in_processes = count >= _LEAST_CORES and n_files >= _LEAST_FILES
    return Workers("processes" if in_processes else "threads", min(count, max(1, n_files)))
