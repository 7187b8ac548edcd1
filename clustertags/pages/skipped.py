"""Skipped files with their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from clustertags.library.model import FittedLibrary
from clustertags.pages.arrangement import ROWS_A_PAGE, n_pages, skipped_page
from clustertags.pages.context import LibrarySummary, library_summary
from clustertags.pages.page_links import PageLink, page_links
from clustertags.support.printable import printable

COMMONEST_REASONS = 8


@dataclass(frozen=True, slots=True)
class SkippedRow:
    name: str
    reason: str
    is_photo: bool


@dataclass(frozen=True, slots=True)
class SkippedPage:
    """One page of skipped files. `reasons`: counts over all pages, by reason, most frequent first."""

    href: str
    library: LibrarySummary
    rows: tuple[SkippedRow, ...]
    n_unreadable: int
    reasons: tuple[tuple[str, int], ...]
    page: int
    pages: tuple[PageLink, ...]


def skipped_pages(library: FittedLibrary, rows_a_page: int = ROWS_A_PAGE) -> Iterator[SkippedPage]:
    """Photos that could not be read come first, then files that are not photos; each by path."""
    skipped = sorted(library.skipped, key=lambda file: (not file.is_photo, file.path))
    rows = [SkippedRow(printable(file.path), printable(file.reason), file.is_photo) for file in skipped]
    reasons = tuple(Counter(row.reason for row in rows).most_common(COMMONEST_REASONS))
    summary = library_summary(library)
    hrefs = [skipped_page(number) for number in range(1, n_pages(len(rows), rows_a_page) + 1)]
    for page, href in enumerate(hrefs, start=1):
        yield SkippedPage(
            href=href,
            library=summary,
            rows=tuple(rows[(page - 1) * rows_a_page : page * rows_a_page]),
            n_unreadable=sum(row.is_photo for row in rows),
            reasons=reasons,
            page=page,
            pages=page_links(page, hrefs),
        )
