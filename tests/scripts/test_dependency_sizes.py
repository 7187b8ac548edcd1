from __future__ import annotations

import pytest

from tests.scripts.loading import load_script


def test_the_table_adds_up_and_has_every_large_package(capsys: pytest.CaptureFixture[str]) -> None:
    load_script("dependency_sizes").main()
    lines = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    *rows, total = [[cell.strip("* ").replace(",", "") for cell in cells] for cells in lines]
    sizes = {name: (int(size), int(without)) for name, size, without, _ in rows}
    assert {"torch", "openvino", "numba", "llvmlite"} <= sizes.keys()
    assert sizes["openvino"][0] > 100
    for column in (0, 1):
        assert abs(sum(size[column] for size in sizes.values()) - int(total[column + 1])) <= len(rows)
    assert all(without <= size for size, without in sizes.values())


def test_what_an_extra_of_a_package_brings_is_counted() -> None:
    needed = load_script("dependency_sizes").needed
    requirements = ["a[x]>=1", "B_c ; extra == 'y'", "d ; python_version < '3'"]
    assert needed(requirements) == {"a": {"x"}}
    assert needed(requirements, ["y"]) == {"a": {"x"}, "b-c": set()}
