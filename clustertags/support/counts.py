"""Counts in sentences."""

from __future__ import annotations


def plural(number: int, thing: str, things: str | None = None) -> str:
    """`1 photo`, `1,234 photos`; `things`: an irregular plural."""
    return f"1 {thing}" if number == 1 else f"{number:,} {things or thing + 's'}"
