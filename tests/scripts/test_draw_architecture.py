"""The drawing of packages and arrows is that of the code as it is."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.scripts.loading import load_script

floors = load_script("floors")
draw_architecture = load_script("draw_architecture")
SVG = "{http://www.w3.org/2000/svg}"


def test_the_drawing_in_the_documents_is_of_the_code_as_it_is() -> None:
    now = draw_architecture.drawing(floors.read_floors(), floors.room_imports())
    assert draw_architecture.DRAWING.read_text(encoding="utf-8") == now, "run python scripts/draw_architecture.py"


def test_every_room_has_a_place_and_says_what_is_in_it() -> None:
    named = [room for floor in floors.read_floors() for room in floor]
    assert sorted(named) == sorted({floors.room_of(path) for path in floors.PACKAGE.rglob("*.py")})
    assert all(
        text for house in ("clustertags", "benchmark") for floor in floors.read_floors(house) for text in floor.values()
    )


def test_what_a_longer_way_implies_is_left_out() -> None:
    imports = {"a": {"b", "c", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}
    assert floors.without_detours(imports) == {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": set()}


def test_one_box_a_room_one_arrow_an_import_one_row_a_floor() -> None:
    image = ElementTree.fromstring(
        draw_architecture.drawing(
            [{"top": "-"}, {"left": "-", "right": "-"}, {"low": "-"}],
            {"top": {"left", "low"}, "left": set(), "right": {"low"}, "low": set()},
        )
    )
    row = {text.text: float(text.get("y", "0")) for text in image.iter(f"{SVG}text")}
    assert row["top"] < row["left"] == row["right"] < row["low"]
    arrows = [path for path in image.iter(f"{SVG}path") if path.get("class") == "import"]
    assert len(arrows) == 3
    description = image.findtext(f"{SVG}desc")
    assert description == "right imports from low. top imports from left and low."
    assert image.findtext(f"{SVG}title")


def test_boxes_do_not_overlap() -> None:
    image = ElementTree.fromstring(draw_architecture.DRAWING.read_text(encoding="utf-8"))
    rows: dict[str | None, list[tuple[float, float]]] = {}
    for box in image.iter(f"{SVG}rect"):
        left, width = float(box.get("x", "0")), float(box.get("width", "0"))
        if box.get("class") == "room":
            rows.setdefault(box.get("y"), []).append((left, left + width))
    for boxes in rows.values():
        boxes.sort()
        assert all(before[1] < after[0] for before, after in pairwise(boxes))


def test_an_import_from_above_is_refused() -> None:
    with pytest.raises(ValueError, match="low imports from top, which is above it"):
        draw_architecture.drawing([{"top": "-"}, {"low": "-"}], {"low": {"top"}})


def test_imports_are_read_in_every_form(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from clustertags import gallery\nimport clustertags.web.app\n\n"
        "def f():\n    from clustertags.cli.tag import tag\n"
    )
    assert floors.imported_rooms(module) == {"gallery", "web", "cli"}
    module.write_text("from . import gallery\n")
    with pytest.raises(ValueError, match="imports relatively"):
        floors.imported_rooms(module)
