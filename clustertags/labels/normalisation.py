"""Normalise tags: `#Cat`, `cat` and `Cat ` are one tag."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

MAX_TAG_CHARACTERS = 100

# Joiners carry meaning inside emoji sequences and in Persian and Indic words; the tag characters spell the flags of
# England, Scotland and Wales. Every other format character (bidirectional marks, soft hyphens) is invisible noise.
_JOINERS = "\u200c\u200d"
_KEPT_FORMAT = frozenset(_JOINERS) | frozenset(map(chr, range(0xE0020, 0xE0080)))
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co"})
# A heart in colour and one in black are the same tag.
_PRESENTATION_SELECTORS = frozenset("\ufe0e\ufe0f")
_SEPARATOR = "|"
_HASHTAGS = re.compile(r"\s*(?:[#＃]+[^\s#＃]+\s*)+")


def normalise_tag(text: str) -> str:
    """The normalised spelling of a tag, "" where nothing is left.

    Compatibility forms are folded (Unicode's NFKC, but symbols such as emoji stay themselves), letter case too
    (Unicode's full case folding), leading `#` are taken away, runs of white space become one space, and control,
    bidirectional and presentation characters go. Inner spaces stay: `new york` is no `newyork`.
    Text of more than `MAX_TAG_CHARACTERS` characters is a caption, no tag, and gives an empty string.
    The result is a fixed point: normalising it again changes nothing.
    """
    if len(text) > 4 * MAX_TAG_CHARACTERS:
        return ""
    tag = _fold_fully(text)
    return tag if len(tag) <= MAX_TAG_CHARACTERS else ""


def shown_spelling(text: str) -> str:
    """The tag as the person wrote it, without signs and spaces around it: `#New  York ` gives `New York`."""
    composed = unicodedata.normalize("NFC", text).replace(_SEPARATOR, " ")
    kept = "".join(character for character in " ".join(composed.split()) if _is_kept(character, selectors=True))
    return " ".join(kept.split()).lstrip("# " + _JOINERS).rstrip(_JOINERS + " ")


def split_tags(text: str) -> tuple[str, ...]:
    """Split `a|b`, or hashtags written in a row (`#a #b`), into tags, not yet normalised."""
    return tuple(tag for part in text.split(_SEPARATOR) for tag in _split_hashtags(part))


def _split_hashtags(part: str) -> list[str]:
    if _HASHTAGS.fullmatch(part):
        return [word for word in re.split(r"[\s#＃]+", part) if word]
    return [part]


@lru_cache(maxsize=4096)  # a library repeats few tags many times
def _fold_fully(text: str) -> str:
    """Fold repeatedly until nothing changes, as a step can produce what an earlier step changes."""
    previous = None
    while text != previous:
        previous, text = text, _fold(text)
    return text


def _fold(text: str) -> str:
    text = _compatible(_compatible(text).casefold())
    kept = "".join(character for character in " ".join(text.split()) if _is_kept(character))
    return " ".join(kept.replace(_SEPARATOR, " ").split()).lstrip("# " + _JOINERS).rstrip(_JOINERS + " ")


def _compatible(text: str) -> str:
    """NFKC of everything but symbols, which it would turn into letters (a trade mark sign into `TM`)."""
    runs = groupby(text, key=lambda character: unicodedata.category(character) == "So")
    folded = ("".join(run) if is_symbol else unicodedata.normalize("NFKC", "".join(run)) for is_symbol, run in runs)
    return unicodedata.normalize("NFC", "".join(folded))


def _is_kept(character: str, *, selectors: bool = False) -> bool:
    if character in _PRESENTATION_SELECTORS:
        return selectors
    return character in _KEPT_FORMAT or unicodedata.category(character) not in _DROPPED_CATEGORIES
