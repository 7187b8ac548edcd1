"""What commands that read many photos say of those that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clustertags.cli import console
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.types import SkippedFile

_REASONS_SHOWN = 5


def print_unreadable(unreadable: Sequence[SkippedFile], *, listed: str = "by `clustertags info --skipped`") -> None:
    """Print the photos that could not be read, the first with their reasons; `listed`: where all are."""
    if not unreadable:
        return
    console.notice(f"{plural(len(unreadable), 'photo')} could not be read:")
    for file in unreadable[:_REASONS_SHOWN]:
        console.notice(f"  {printable(file.path, 100)}: {printable(file.reason)}")
    if len(unreadable) > _REASONS_SHOWN:
        console.notice(f"  ... the rest is listed {listed}")
