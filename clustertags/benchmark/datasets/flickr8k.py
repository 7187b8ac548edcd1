"""Flickr8k's `Flickr8k.token.txt` (Hodosh, Young and Hockenmaier 2013): words that two captions of a photo share."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from clustertags.benchmark.datasets.label_files import contained, read_lines
from clustertags.labels.tags_file import TagRow
from clustertags.support.text_files import text_fault

LEAST_CAPTIONS = 2
LEAST_LETTERS = 3
_LINE = re.compile(r"(?P<image>[^\t#]+)#(?P<number>\d+)\t(?P<caption>.*)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


def read_flickr8k(path: Path) -> tuple[TagRow, ...]:
    """One row a photo that has any tag: the words of at least `LEAST_LETTERS` letters, other than scikit-learn's
    English stop words, that stand in at least `LEAST_CAPTIONS` of its captions. Raises `SeedsError`.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415

    words: dict[str, Counter[str]] = {}
    first: dict[str, int] = {}
    for number, text in enumerate(read_lines(path), start=1):
        found = _LINE.fullmatch(text)
        if found is None:
            raise text_fault(path, "must read photo.jpg#0, a tab, and the caption", number)
        image = contained(path, found["image"].strip(), number)
        first.setdefault(image, number)
        said = {word for word in _WORD.findall(found["caption"].casefold()) if len(word) >= LEAST_LETTERS}
        words.setdefault(image, Counter()).update(said - ENGLISH_STOP_WORDS)
    shared = {
        image: tuple(sorted(word for word, n in counted.items() if n >= LEAST_CAPTIONS))
        for image, counted in words.items()
    }
    rows = tuple(TagRow(first[image], image, tags) for image, tags in shared.items() if tags)
    if not rows:
        raise text_fault(path, "has no two captions of a photo that share a word: name Flickr8k.token.txt")
    return rows
