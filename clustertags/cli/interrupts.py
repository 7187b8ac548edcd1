"""Ctrl-C, heeded wherever it comes.

Python raises `KeyboardInterrupt` between two instructions, also within the import of a native module, which then fails
with an `ImportError` of its own; so an error after an interrupt is taken for the interrupt.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from types import FrameType

EXIT_INTERRUPTED = 130
"""The exit status of an interrupted command: 128 and the number of the signal, as shells have it."""


@dataclass(slots=True)
class Interrupts:
    """Interrupts of this process. `seen`: whether one came."""

    seen: bool = False

    def heed(self) -> None:
        """Raise `KeyboardInterrupt` at the first one and end the process at the next, unless they are ignored."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self.seen:
            os._exit(EXIT_INTERRUPTED)
        self.seen = True
        raise KeyboardInterrupt
