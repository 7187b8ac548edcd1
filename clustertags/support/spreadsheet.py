"""Cells of a table that a spreadsheet opens."""

from __future__ import annotations

from clustertags.support.printable import printable

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_GUARD = "'"


def text_cell(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula, nor a terminal for a control sequence.

    An apostrophe goes before what would be a formula, and before apostrophes that precede one, so that `read_cell`
    gives back every text.
    """
    shown = _shown(text)
    return _GUARD + shown if _is_guarded(shown) else shown


def read_cell(cell: str) -> str:
    """The text of a cell that `text_cell` wrote."""
    return cell.removeprefix(_GUARD) if _is_guarded(cell) else cell


def path_cell(path: str) -> str:
    """The same for a path below a folder, of which `./` before it names the same file."""
    shown = _shown(path)
    return f"./{shown}" if shown.startswith(_FORMULA_STARTS) else shown


def _is_guarded(text: str) -> bool:
    return text.lstrip(_GUARD).startswith(_FORMULA_STARTS)


def _shown(text: str) -> str:
    return printable(text, limit=len(text) * 10 + 10)
