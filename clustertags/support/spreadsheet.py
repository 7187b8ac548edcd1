"""Cells of a table that a spreadsheet opens."""

from __future__ import annotations

from clustertags.support.printable import printable

_FORMULA_STARTS = ("=", "+", "-", "@")


def cell(text: str, prefix: str) -> str:
    """A cell that a spreadsheet does not take for a formula, nor a terminal for a control sequence."""
    shown = printable(text, limit=len(text) * 10 + 10)
    return prefix + shown if shown.startswith(_FORMULA_STARTS) else shown
