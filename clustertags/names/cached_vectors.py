"""Vectors of texts, each computed once; safe to use from several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np

from clustertags.types import Float32

_MOST = 50_000
"""Vectors kept; when there are more, all are dropped. Searches would add to them without end."""


class CachedVectors:
    """`infer` maps a text to its vector, (n_dimensions,); it is called by one thread at a time."""

    def __init__(self, infer: Callable[[str], Float32]) -> None:
        self._infer = infer
        self._known: dict[str, Float32] = {}
        # A compiled network has one request, which a second thread would silently overwrite.
        self._one_at_a_time = threading.Lock()

    def stacked(self, texts: Sequence[str], n_dimensions: int) -> Float32:
        """(n, n_dimensions) float32."""
        rows = [self._vector(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, n_dimensions), np.float32)

    def _vector(self, text: str) -> Float32:
        with self._one_at_a_time:
            if text not in self._known:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[text] = self._infer(text)
            return self._known[text]
