"""Number of usable processor cores."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """Cores of the process's affinity, or all where the system has no affinity; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
