"""What the documents say is run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import typer.main

from clustertags.cli.main import app
from tests.conftest import Ran
from tests.made.photos import made_photo, write_photos

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
Run = Callable[..., Ran]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def desk(tmp_path: Path, backbones: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the README supposes it: photos, seeds.csv from its own example, and a new photo."""
    write_photos(tmp_path / "photos", 4, 8)
    (tmp_path / "seeds.csv").write_text(blocks("csv")[0])
    (tmp_path / "tags.txt").write_text("sunset\nchessboard\n")
    made_photo(77, 1).save(tmp_path / "new.jpg")
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "backbones").symlink_to(backbones / "backbones")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_of_the_readme_runs(run: Run, desk: Path) -> None:
    commands = [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    assert len(commands) >= 6
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "clustertags"
        ran = run(*arguments)
        assert ran.status == 0, (command, ran.err)
        assert ran.out, command


def test_the_python_example_runs(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert (desk / "artifacts" / "CURRENT").exists()


def test_every_command_is_in_the_readme_and_has_an_example() -> None:
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        assert f"clustertags {name}" in README
        assert f"clustertags {name}" in (command.help or ""), f"{name} --help has no example"


def test_every_document_that_is_named_exists() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (document.parent / target).exists(), f"{document.name} names {target}"
        for target in re.findall(r"`((?:clustertags|scripts|tests|docs)/[\w./]+)`", text):
            assert (ROOT / target).exists(), f"{document.name} names {target}"
