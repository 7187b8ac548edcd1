"""Which way imports run, and what a new photo's tags may load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripts.loading import load_script

floors = load_script("floors")

PACKAGE = floors.PACKAGE
LEVEL, BENCHMARK_LEVEL = (floors.levels(floors.read_floors(house)) for house in ("clustertags", "benchmark"))
FORBIDDEN_TO_TAG = {
    "torch",
    "torchvision",
    "timm",
    "umap",
    "hdbscan",
    "numba",
    "scipy",
    "sklearn",
    "rich",
    "tokenizers",
}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downwards(path: Path) -> None:
    own = floors.room_of(path)
    assert own in LEVEL, f"{own} has no place in docs/how-it-works/floors.toml"
    for other in floors.imported_rooms(path):
        assert LEVEL[other] >= LEVEL[own], f"{path.name} in {own} imports from {other}, which is above it"


@pytest.mark.parametrize("path", sorted((PACKAGE / "benchmark").rglob("*.py")), ids=lambda path: path.name)
def test_imports_within_the_benchmark_run_downwards(path: Path) -> None:
    own = floors.room_of(path, PACKAGE / "benchmark")
    assert own in BENCHMARK_LEVEL, f"{own} has no place in docs/how-it-works/floors.toml"
    for other in floors.imported_rooms(path, "clustertags.benchmark"):
        assert BENCHMARK_LEVEL[other] >= BENCHMARK_LEVEL[own], f"{path.name} in {own} imports from {other}, above it"


@pytest.mark.parametrize("path", sorted((PACKAGE / "benchmark" / "methods").glob("*.py")), ids=lambda path: path.name)
def test_every_class_in_the_methods_of_the_benchmark_is_a_row(path: Path) -> None:
    """What rows share is in `method_building_blocks/`."""
    classes = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
    for node in classes:
        assert "register" in {ast.unparse(decorator) for decorator in node.decorator_list}, f"{node.name} is no row"
    assert bool(classes) is (path.name != "__init__.py")


def test_tag_loads_none_of_what_only_a_fit_needs(fitted_artifacts: Path, a_photo: Path) -> None:
    command = ["clustertags", "tag", str(a_photo), "--artifacts", str(fitted_artifacts), "--format", "jsonl"]
    script = (
        "import sys\n"
        "from clustertags.cli.main import main\n"
        f"sys.argv = {command!r}\n"
        "try: main()\n"
        "except SystemExit as stop: assert not stop.code, stop.code\n"
        f"print(sorted({FORBIDDEN_TO_TAG!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
    assert '"path"' in ran.stdout


def test_importing_the_package_is_cheap() -> None:
    heavy = FORBIDDEN_TO_TAG | {"numpy", "PIL", "openvino"}
    script = f"import sys, clustertags; print(sorted({heavy!r} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
