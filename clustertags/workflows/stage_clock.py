"""Seconds of each stage of a recipe."""

from __future__ import annotations

import time


class StageClock:
    """`laps`: the seconds of each stage so far."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """End a stage."""
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now
