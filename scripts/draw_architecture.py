"""The packages of clustertags and which imports which, drawn as docs/how-it-works/packages.svg.

    python scripts/draw_architecture.py [--output FILE]

One row a floor of docs/how-it-works/floors.toml, the top one first; an arrow is an import that is read from the code.
Imports that a longer way through other rooms implies are left out, so that the drawing stays readable. Layered drawing
after Sugiyama, Tagawa and Toda (1981): long arrows pass each row in a place of their own, rows are ordered by the
medians of their neighbours, and the same code is always drawn the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path
from statistics import median

from floors import FLOORS_FILE, Floors, levels, read_floors, room_imports, without_detours

DRAWING = FLOORS_FILE.with_name("packages.svg")

_BOX_HEIGHT, _ROW_HEIGHT, _GAP, _MARGIN = 28, 58, 22, 24
_CHARACTER = 8.0  # a character of the 13 pixel font, and what it may be wider elsewhere
_PASSAGE = 14.0  # the room that a long arrow takes in a row that it passes
_ROUNDS = 24

_STYLE = """
    .paper { fill: #ffffff; stroke: #d0d7de }
    .room { fill: #eef3f8; stroke: #57606a }
    .name { fill: #1f2328; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; text-anchor: middle }
    .import { fill: none; stroke: #57606a; stroke-width: 1.2 }
    .tip { fill: #57606a }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #161b22; stroke: #3d444d }
      .room { fill: #263040; stroke: #9198a1 }
      .name { fill: #e6edf3 }
      .import { stroke: #9198a1 }
      .tip { fill: #9198a1 }
    }
"""


@dataclass(eq=False)
class Place:
    """A box, or where a long arrow passes a row (`name` is then empty); `x` is its middle."""

    name: str
    width: float
    x: float = 0.0
    above: list[Place] = field(default_factory=list)
    below: list[Place] = field(default_factory=list)

    @property
    def neighbours(self) -> list[Place]:
        return self.above + self.below


Rows = list[list[Place]]
Arrow = list[Place]  # from the importing box through the places it passes to the imported box


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=DRAWING)
    output: Path = parser.parse_args().output
    output.write_text(drawing(read_floors(), room_imports()), encoding="utf-8")


def drawing(floors: Floors, imports: dict[str, set[str]]) -> str:
    """The SVG of these floors and imports. Raises `ValueError` where an import runs upwards."""
    arrows = without_detours(imports)
    rows, paths = lay_out(floors, arrows)
    place_rows(rows)
    return as_svg(rows, paths, arrows)


def lay_out(floors: Floors, imports: dict[str, set[str]]) -> tuple[Rows, list[Arrow]]:
    """Boxes in rows, with a place in each row that an arrow passes."""
    level = levels(floors)
    boxes = {room: Place(room, len(room) * _CHARACTER + 20) for room in level}
    rows: Rows = [[boxes[room] for room in floor] for floor in floors]
    paths = []
    for room, others in sorted(imports.items()):
        for other in sorted(others, key=lambda name: (level[name], name)):
            if level[other] < level[room]:
                raise ValueError(f"{room} imports from {other}, which is above it")
            path = [boxes[room]]
            for row in rows[level[room] + 1 : level[other]]:
                path.append(Place("", _PASSAGE))
                row.append(path[-1])
            path.append(boxes[other])
            paths.append(path)
            if level[other] == level[room]:
                continue
            for upper, lower in pairwise(path):
                upper.below.append(lower)
                lower.above.append(upper)
    return rows, paths


def place_rows(rows: Rows) -> None:
    """Give each place its x: rows are ordered and moved towards the medians of what they are joined to."""
    for row in rows:
        _spread(row, [0.0] * len(row))
    for turn in range(_ROUNDS):
        downwards = turn % 2 == 0
        for row in rows if downwards else reversed(rows):
            wanted = []
            for place in row:
                near = (place.above if downwards else place.below) or place.neighbours or [place]
                wanted.append(median(other.x for other in near))
            order = sorted(range(len(row)), key=wanted.__getitem__)
            row[:] = [row[at] for at in order]
            _spread(row, [wanted[at] for at in order])


def _spread(row: list[Place], wanted: list[float]) -> None:
    """Put the places of a row, in their order, as near to where they are wanted as their widths allow."""
    least = [(left.width + right.width) / 2 + _GAP for left, right in pairwise(row)]
    from_left, from_right = list(wanted), list(wanted)
    for at, distance in enumerate(least):
        from_left[at + 1] = max(from_left[at + 1], from_left[at] + distance)
    for at, distance in reversed(list(enumerate(least))):
        from_right[at] = min(from_right[at], from_right[at + 1] - distance)
    for place, left, right in zip(row, from_left, from_right, strict=True):
        place.x = (left + right) / 2


def as_svg(rows: Rows, paths: list[Arrow], imports: dict[str, set[str]]) -> str:
    left = min(place.x - place.width / 2 for row in rows for place in row) - _MARGIN
    right = max(place.x + place.width / 2 for row in rows for place in row) + _MARGIN
    width, height = right - left, len(rows) * _ROW_HEIGHT - (_ROW_HEIGHT - _BOX_HEIGHT) + 2 * _MARGIN
    tops = {place: _MARGIN + level * _ROW_HEIGHT for level, row in enumerate(rows) for place in row}
    for place in tops:
        place.x -= left
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-labelledby="title description">',
        '  <title id="title">The packages of clustertags, from the command line down to what all use</title>',
        f'  <desc id="description">{escape(_in_words(imports))}</desc>',
        f"  <style>{_STYLE}  </style>",
        '  <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="tip" d="M0 0L8 4L0 8z"/></marker>',
        f'  <rect class="paper" x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1:.0f}" rx="6"/>',
        *(f'  <path class="import" marker-end="url(#tip)" d="{_curve(path, tops)}"/>' for path in paths),
        *(line for row in rows for place in row if place.name for line in _box(place, tops[place])),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _in_words(imports: dict[str, set[str]]) -> str:
    """For those who hear the drawing: every arrow as a sentence."""
    told = (f"{room} imports from {_listed(sorted(others))}." for room, others in sorted(imports.items()) if others)
    return " ".join(told)


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _curve(path: Arrow, tops: dict[Place, int]) -> str:
    """From the lower edge of the first box to the upper edge of the last, upright where it passes a row."""
    first, last = path[0], path[-1]
    start = (first.x, tops[first] + _BOX_HEIGHT)
    if tops[first] == tops[last]:  # on one floor: an arc below it
        return f"M{start[0]:.1f} {start[1]}Q{(first.x + last.x) / 2:.1f} {start[1] + 20} {last.x:.1f} {start[1]}"
    commands = [f"M{start[0]:.1f} {start[1]}"]
    for place in path[1:]:
        end = (place.x, tops[place])
        middle = (start[1] + end[1]) / 2
        commands.append(f"C{start[0]:.1f} {middle:.1f} {end[0]:.1f} {middle:.1f} {end[0]:.1f} {end[1]}")
        if place is not last:
            commands.append(f"V{end[1] + _BOX_HEIGHT}")
        start = (place.x, end[1] + _BOX_HEIGHT)
    return "".join(commands)


def _box(place: Place, top: int) -> Iterable[str]:
    yield (
        f'  <rect class="room" x="{place.x - place.width / 2:.1f}" y="{top}" width="{place.width:.1f}" '
        f'height="{_BOX_HEIGHT}" rx="5"/>'
    )
    yield f'  <text class="name" x="{place.x:.1f}" y="{top + 18.5}">{escape(place.name)}</text>'


if __name__ == "__main__":
    main()
