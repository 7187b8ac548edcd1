"""What open_clip's tokenizers do to a text before they read it, by the name of each way."""

from __future__ import annotations

import html
import string
import unicodedata
from collections.abc import Callable, Mapping

_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


def _plain(text: str) -> str:
    # A lone surrogate, which a file name can contain, has no UTF-8 form for the tokenizer.
    valid = text.encode("utf-8", "replace").decode()
    return " ".join(html.unescape(html.unescape(unicodedata.normalize("NFC", valid))).split())


def _lower(text: str) -> str:
    return _plain(text).lower()


def _canonical(text: str) -> str:
    return " ".join(_plain(text).replace("_", " ").translate(_WITHOUT_PUNCTUATION).lower().split())


CLEANINGS: Mapping[str, Callable[[str], str]] = {"lower": _lower, "whitespace": _plain, "canonicalize": _canonical}
"""Text to text. open_clip also repairs broken encodings (ftfy), which typed words do not have."""
