"""The question of `fit` whether tags such as `cat, dog` are several."""

from __future__ import annotations

import typer

from clustertags.cli import console
from clustertags.support.counts import plural
from clustertags.support.printable import printable

_SHOWN = 3


def ask_for_separator(tags: str | None) -> str:
    """What separates the tags of a file, beside `|`, as a person at the terminal says; "" where there is no doubt, or
    nobody to ask. Raises `SeedsError` where the file is malformed.
    """
    if tags is None or not console.can_ask():
        return ""
    from clustertags.labels.seed_tags import tags_like_several  # noqa: PLC0415

    found, separator = tags_like_several(tags)
    if not found:
        return ""
    shown = "; ".join(printable(tag, 40) for tag in dict.fromkeys(found[:_SHOWN]))
    question = f'{plural(len(found), "tag")} of {printable(tags)} look like several ({shown}). Split at "{separator}"?'
    return separator if typer.confirm(question, default=False, err=True) else ""
