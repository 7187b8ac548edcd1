"""Untrusted text made safe to print on a terminal."""

from __future__ import annotations

import os
import unicodedata

# Control, format (bidirectional overrides, zero width), surrogate, private and line-separating characters can
# move the cursor, reorder a line or break it in two.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str | os.PathLike[str], limit: int = 200) -> str:
    """Return `text` on one line, each unsafe character as its escape, long text shortened in the middle."""
    whole = os.fspath(text)
    # Fast path: `isprintable` excludes all unsafe categories.
    shown = whole if whole.isprintable() else "".join(_escaped(whole, at) for at in range(len(whole)))
    if len(shown) <= limit:
        return shown
    head = (limit - 1) // 2
    return f"{shown[:head]}…{shown[-(limit - 1 - head) :]}"


def _escaped(text: str, at: int) -> str:
    character = text[at]
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES or _joins_emoji(text, at):
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as os.fsdecode keeps it
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _joins_emoji(text: str, at: int) -> bool:
    """Whether a zero-width joiner stands between two symbols, as in the emoji of families and professions."""
    if text[at] != "\u200d" or at == 0 or at + 1 == len(text):
        return False
    before = at - 2 if text[at - 1] == "\ufe0f" and at > 1 else at - 1
    kinds = {unicodedata.category(text[before]), unicodedata.category(text[at + 1])}
    return kinds <= {"So", "Sk"}
