"""Text as it is compared in a search."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """The text without differences of letter case and of Unicode's compatible forms."""
    return unicodedata.normalize("NFKC", text).casefold()
