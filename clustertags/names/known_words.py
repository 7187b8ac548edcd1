"""Which words of a text an encoder knows: any text has a vector, and one of scattered letters means nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

UNKNOWN_PIECE = "[UNK]"
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"^(##|\u2581)|</w>$")
_LEAST_LETTERS = 3


def unknown_words(text: str, pieces: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    """The words that the encoder spells letter by letter; `pieces` gives the tokens of a word.

    A word is known if it is one piece, or if one of its pieces has three letters or more.
    """
    return tuple(word for word in words_of(text) if not _is_known(pieces(word)))


def words_of(text: str) -> list[str]:
    """The words of letters and digits, or, where there are none, whatever stands between spaces, such as emoji."""
    return _WORD.findall(text) or text.split()


def _is_known(pieces: Sequence[str]) -> bool:
    known = [_MARKS.sub("", piece) for piece in pieces if piece != UNKNOWN_PIECE]
    is_one = len(known) == len(pieces) == 1 and (known[0].isalnum() or not known[0].isascii())
    return is_one or any(len(piece) >= _LEAST_LETTERS and not _is_punctuation(piece) for piece in known)


def _is_punctuation(piece: str) -> bool:
    return piece.isascii() and not any(character.isalnum() for character in piece)
