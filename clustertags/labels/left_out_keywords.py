"""Keywords that are not taken for tags: those that programs wrote, and those that the person leaves out by pattern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from clustertags.labels.normalisation import normalise_tag
from clustertags.photos.xmp_keywords import LEVEL
from clustertags.support.counts import plural
from clustertags.support.printable import printable

PROGRAM_KEYWORDS = ("darktable|*", "auto|*", "_Digikam_*")
"""Patterns of keywords that programs wrote: their own state, and what they recognised."""
KEEP = "!"
"""Before a pattern, says that its keywords are the person's."""
_SHOWN = 3


class LeftOutKeywords:
    """Which keywords are left out, and which were.

    `patterns`: of `*` and `?`, for a whole path such as `People|Anna`, whatever its letter case; one that begins with
    `!` keeps what `PROGRAM_KEYWORDS` would leave out.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        folded = [pattern.casefold() for pattern in patterns]
        self._own = [pattern for pattern in folded if not pattern.startswith(KEEP)]
        self._kept = [pattern.removeprefix(KEEP) for pattern in folded if pattern.startswith(KEEP)]
        self._found: dict[str, list[str]] = {"program": [], "person": []}
        self._n_photos = {"program": 0, "person": 0}

    def kept(self, keywords: Iterable[str]) -> tuple[str, ...]:
        """The keywords of one photo, from one place, without those that are left out.

        Programs write the parts of a path as flat keywords too: these go with it, unless they belong to a path that
        is kept.
        """
        keywords = tuple(keywords)
        by = {keyword: self._left_out_by(keyword) for keyword in keywords}
        gone = [keyword for keyword in keywords if by[keyword]]
        if not gone:
            return keywords
        staying = {part for keyword in keywords if not by[keyword] and LEVEL in keyword for part in _parts(keyword)}
        hidden = {part for keyword in gone for part in _parts(keyword)} - staying
        for who in set(by.values()) - {""}:
            self._found[who] += [keyword for keyword in gone if by[keyword] == who]
            self._n_photos[who] += 1
        return tuple(text for text in keywords if not by[text] and (LEVEL in text or normalise_tag(text) not in hidden))

    def notices(self) -> tuple[str, ...]:
        """A line for the keywords of programs, and one for those of the person's patterns, where there were any."""
        programs = f"Keywords that programs wrote are left out (keep them with --ignore-keywords '{KEEP}PATTERN')"
        reasons = {"program": programs, "person": "Keywords are left out by --ignore-keywords"}
        counts = {
            who: f"{plural(len(found), 'keyword')} on {plural(self._n_photos[who], 'photo')} ({_some(found)})"
            for who, found in self._found.items()
            if found
        }
        return tuple(f"{reasons[who]}: {count}." for who, count in counts.items())

    def _left_out_by(self, keyword: str) -> str:
        folded = keyword.casefold()
        if _matches(folded, self._own):
            return "person"
        return "program" if _matches(keyword, PROGRAM_KEYWORDS) and not _matches(folded, self._kept) else ""


def _matches(keyword: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(keyword, pattern) for pattern in patterns)


def _parts(keyword: str) -> set[str]:
    return {normalise_tag(part) for part in keyword.split(LEVEL)}


def _some(keywords: list[str]) -> str:
    distinct = list(dict.fromkeys(keywords))
    shown = ", ".join(printable(keyword, 60) for keyword in distinct[:_SHOWN])
    return f"{shown}, ..." if len(distinct) > _SHOWN else shown
