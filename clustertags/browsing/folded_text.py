"""Text normalised for search."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """The text in NFKC, case folded."""
    return unicodedata.normalize("NFKC", text).casefold()
