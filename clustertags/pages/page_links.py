"""The row of page numbers under a list with several pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEARBY = 2


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page number. `after_gap`: whether numbers are omitted between this link and the one before it."""

    number: int
    href: str
    is_current: bool
    after_gap: bool


def page_links(current: int, hrefs: Sequence[str]) -> tuple[PageLink, ...]:
    """Links to the first, the last and the pages around `current` (from 1); none where there is only one page."""
    total = len(hrefs)
    if total <= 1:
        return ()
    shown = sorted({1, total, *range(max(1, current - NEARBY), min(total, current + NEARBY) + 1)})
    return tuple(
        PageLink(number, hrefs[number - 1], number == current, number - before > 1)
        for before, number in zip([0, *shown], shown, strict=False)
    )
