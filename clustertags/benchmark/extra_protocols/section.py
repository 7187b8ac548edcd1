"""A table of a protocol of its own, which is not ranked with the main table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table as text. `description`, in JSON "words", says how it was measured; rows begin with a heading."""

    name: str
    title: str
    description: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("every row must have one cell a column")

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "words": self.description,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
        }
