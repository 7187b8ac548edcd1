"""Vectors of names for the methods that want them, made inside the process that needs them."""

from __future__ import annotations

from functools import cache

from clustertags.words.encoder import SentenceEncoder, has_words
from clustertags.words.label_text import Encoder


@cache
def installed_words() -> Encoder | None:
    """The sentence encoder, where one is installed; a method without it says itself what it lacks."""
    return SentenceEncoder() if has_words() else None
