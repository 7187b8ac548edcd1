"""Cells that a spreadsheet does not take for formulas, and the texts read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustertags.support.spreadsheet import path_cell, read_cell, text_cell

FORMULAS = tuple("=+-@\t\r")


@given(st.text(st.sampled_from("'=+-@ a1|") | st.characters(categories=["L", "N", "P", "S"])))
def test_every_text_is_read_back_and_none_is_a_formula(text: str) -> None:
    cell = text_cell(text)
    assert not cell.startswith(FORMULAS)
    assert read_cell(cell) == text


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\x1b[31m", "=\u202eabc"])
def test_control_characters_are_shown(text: str) -> None:
    assert text_cell(text).isprintable()
    assert not text_cell(text).startswith(FORMULAS)


def test_a_path_stays_the_same_file() -> None:
    assert path_cell("=1.jpg") == "./=1.jpg"
    assert path_cell("a/=1.jpg") == "a/=1.jpg"
