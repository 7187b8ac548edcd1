"""Flickr8k's `Flickr8k.token.txt` (Hodosh, Young and Hockenmaier 2013): tags are words in two captions of a photo."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from clustertags.benchmark.datasets.label_files import read_lines, relative_photo_path
from clustertags.labels.tags_file import TagRow
from clustertags.support.text_files import text_fault

MIN_CAPTIONS = 2
MIN_LETTERS = 3
_LINE = re.compile(r"(?P<image>[^\t#]+)#(?P<number>\d+)\t(?P<caption>.*)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


def read_flickr8k(path: Path) -> tuple[TagRow, ...]:
    """One row a photo that has any tag: the words of at least `MIN_LETTERS` letters, other than scikit-learn's
    English stop words, that are in at least `MIN_CAPTIONS` of its captions. Raises `SeedsError`.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415

    words: dict[str, Counter[str]] = {}
    first: dict[str, int] = {}
    for number, text in enumerate(read_lines(path), start=1):
        found = _LINE.fullmatch(text)
        if found is None:
            raise text_fault(path, "must read photo.jpg#0, a tab, and the caption", number)
        image = relative_photo_path(path, found["image"].strip(), number)
        first.setdefault(image, number)
        caption_words = {word for word in _WORD.findall(found["caption"].casefold()) if len(word) >= MIN_LETTERS}
        words.setdefault(image, Counter()).update(caption_words - ENGLISH_STOP_WORDS)
    shared = {
        image: tuple(sorted(word for word, n in counted.items() if n >= MIN_CAPTIONS))
        for image, counted in words.items()
    }
    rows = tuple(TagRow(first[image], image, tags) for image, tags in shared.items() if tags)
    if not rows:
        raise text_fault(path, "has no two captions of a photo that share a word: name Flickr8k.token.txt")
    return rows
