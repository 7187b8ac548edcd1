"""Find pairs of tags that may be one word: plurals, spelling variants, words joined or apart, typing errors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clustertags.labels.normalisation import normalise_tag

LEAST_EDITED = 7
"""Tags with fewer letters are not compared for typing errors."""

_IRREGULAR = {
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "leaves": "leaf",
    "men": "man",
    "mice": "mouse",
    "people": "person",
    "selfies": "selfie",
    "shelves": "shelf",
    "teeth": "tooth",
    "wives": "wife",
    "wolves": "wolf",
    "women": "woman",
}
_BRITISH = (
    (re.compile(r"(?<=[a-z]{2})our(?=s|ed|ing|ite|ful|$)"), "or"),
    (re.compile(r"(?<=[bt])re$"), "er"),
    (re.compile(r"(?<=[a-z]{3})is(?=e$|ed$|es$|ing$|ation$)"), "iz"),
    (re.compile(r"(?<=[aeiou])ll(?=ed$|ing$|er$|ery$)"), "l"),
    (re.compile(r"^grey"), "gray"),
)
_NOT_LETTERS = re.compile(r"[\s_\-.'’·]+")


@dataclass(frozen=True, slots=True)
class LikePair:
    """Two columns of the vocabulary and how they differ; `slip`: by one letter, which may be chance."""

    first: int
    second: int
    form: str
    slip: bool = False


def like_pairs(vocabulary: Sequence[str]) -> tuple[LikePair, ...]:
    """All pairs of tags that may be one word, in the order of the vocabulary, each pair once."""
    found: dict[tuple[int, int], LikePair] = {}
    words = [_plain(tag) for tag in vocabulary]
    keyed = (
        ("written apart or together", words),
        ("plural", [singular(word) for word in words]),
        ("spelling", [_american(word) for word in words]),
        ("spelling and plural", [_american(singular(word)) for word in words]),
    )
    for form, keys in keyed:
        for first, second in _same(keys):
            found.setdefault((first, second), LikePair(first, second, form))
    for first, second in _one_edit_apart(words):
        found.setdefault((first, second), LikePair(first, second, "one letter", slip=True))
    return tuple(found[pair] for pair in sorted(found))


def singular(word: str) -> str:
    """The singular of an English plural, by its ending and a short list of irregular ones; else the word itself."""
    for plural, single in _IRREGULAR.items():
        if word == plural or (len(plural) > 4 and word.endswith(plural)):
            return word[: -len(plural)] + single
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return word[:-2]
    return word[:-1]


def _plain(tag: str) -> str:
    """Letters and digits alone, without accents: `New-York` and `newyork` are one."""
    joined = _NOT_LETTERS.sub("", normalise_tag(tag)).replace("#", "")
    parts = unicodedata.normalize("NFD", joined)
    if not all(ord(character) < 0x300 or unicodedata.combining(character) for character in parts):
        return joined  # outside Latin a combining mark can make another letter
    return "".join(character for character in parts if not unicodedata.combining(character))


def _american(word: str) -> str:
    for british, american in _BRITISH:
        word = british.sub(american, word)
    return word


def _same(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    groups: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        if len(key) >= 2:
            groups.setdefault(key, []).append(at)
    for group in groups.values():
        yield from ((first, second) for i, first in enumerate(group) for second in group[i + 1 :])


def _one_edit_apart(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of long words of letters with one letter more, less, other or swapped, the first letter the same.

    Words that share a form with a letter taken out are at most two edits apart (Garbe's symmetric deletion); each such
    pair is then compared.
    """
    shortened: dict[str, set[int]] = {}
    for at, word in enumerate(words):
        if len(word) >= LEAST_EDITED and word.isalpha():
            for cut in (word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))):
                shortened.setdefault(cut, set()).add(at)
    pairs = {pair for group in shortened.values() for pair in _pairs(sorted(group))}
    yield from (pair for pair in sorted(pairs) if _is_one_edit(words[pair[0]], words[pair[1]]))


def _pairs(group: list[int]) -> Iterator[tuple[int, int]]:
    yield from ((first, second) for i, first in enumerate(group) for second in group[i + 1 :])


def _is_one_edit(first: str, second: str) -> bool:
    if len(first) > len(second):
        first, second = second, first
    at = next((i for i, letter in enumerate(first) if letter != second[i]), len(first))
    if len(first) < len(second):
        return len(second) == len(first) + 1 and first[at:] == second[at + 1 :]
    rest = first[at + 1 :] == second[at + 1 :]
    swapped = first[at : at + 2] == second[at : at + 2][::-1] and first[at + 2 :] == second[at + 2 :]
    return first != second and (rest or swapped)
