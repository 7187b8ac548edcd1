"""The floors of the package, from docs/how-it-works/floors.toml, and which rooms a module imports from."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "clustertags"
FLOORS_FILE = ROOT / "docs" / "how-it-works" / "floors.toml"

Floors = Sequence[dict[str, str]]


def read_floors(house: str = "clustertags") -> Floors:
    """The floors of `house` (the package, or a room of it), the top one first; each maps a room to what is in it."""
    floors: Floors = tomllib.loads(FLOORS_FILE.read_text(encoding="utf-8"))[house]
    return floors


def rooms_table(house: str = "clustertags") -> str:
    """The rooms from the top down as a table in Markdown."""
    rows = [f"| `{room}` | {words} |" for floor in read_floors(house) for room, words in floor.items()]
    return "\n".join(["| room | what is in it |", "|---|---|", *rows]) + "\n"


def levels(floors: Floors) -> dict[str, int]:
    """The floor of each room, 0 for the top one."""
    return {room: level for level, floor in enumerate(floors) for room in floor}


def room_of(path: Path, within: Path = PACKAGE) -> str:
    """The room that a module below `within` belongs to."""
    return path.relative_to(within).parts[0].removesuffix(".py")


def imported_rooms(path: Path, within: str = "clustertags") -> set[str]:
    """The rooms of `within`, a dotted name, that a module imports from."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path} imports relatively")
            names = [node.module or ""]
            if node.module == within:
                names = [f"{within}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        rooms |= {name[len(within) + 1 :].split(".")[0] for name in names if name.startswith(f"{within}.")}
    return rooms


def room_imports(folder: Path = PACKAGE, within: str = "clustertags") -> dict[str, set[str]]:
    """Which other rooms each room of `folder` imports from."""
    imports: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        own = room_of(path, folder)
        imports.setdefault(own, set()).update(imported_rooms(path, within) - {own})
    return imports


def without_detours(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """The transitive reduction: an import is left out where a longer way through other rooms leads there too."""
    reached: dict[str, set[str]] = {}

    def below(room: str) -> set[str]:
        if room not in reached:
            reached[room] = set()  # a ring, which the test of the floors forbids, ends here
            reached[room] = set().union(*({other} | below(other) for other in imports.get(room, ())))
        return reached[room]

    return {
        room: {other for other in others if not any(other in below(middle) for middle in others - {other})}
        for room, others in imports.items()
    }
