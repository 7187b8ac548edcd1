"""What the documents say is run."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

import clustertags
from clustertags.cli.main import app
from tests.conftest import Ran
from tests.made.photos import made_photo, write_photos
from tests.scripts.loading import load_script

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
INSTRUCTIONS = [page for page in PAGES if page == README or page.parent.name in {"start", "how-to"}]
Run = Callable[..., Ran]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands_of(page: Path) -> list[str]:
    return [line[2:] for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def fitted_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the pages suppose it: photos, seeds.csv from the README's example, a new photo, a fitted library."""
    desk = tmp_path_factory.mktemp("desk")
    write_photos(desk / "photos", 4, 8)
    (desk / "seeds.csv").write_text(blocks(README, "csv")[0])
    (desk / "answers.csv").write_text("image,tags\n002-0.jpg,flower\n003-1.jpg,\n")
    (desk / "tags.txt").write_text("sunset\nchessboard\n")
    made_photo(77, 1).save(desk / "new.jpg")
    clustertags.fit(desk / "photos", tags=desk / "seeds.csv", artifacts=desk / "artifacts")
    return desk


@pytest.fixture
def desk(fitted_desk: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for one page, where a page that begins with a fit finds nothing fitted."""
    desk = Path(shutil.copytree(fitted_desk, tmp_path / "desk"))
    if getattr(request, "param", None) == "unfitted":
        shutil.rmtree(desk / "artifacts")
    monkeypatch.chdir(desk)
    return desk


def test_the_readme_shows_the_five_things_that_people_do() -> None:
    commands = commands_of(README)
    for name in ("fit", "tag", "clusters rename", "suggest", "gallery"):
        assert any(
            command.startswith(f"clustertags {name} ") or command == f"clustertags {name}" for command in commands
        )
    assert "clustertags serve" in " ".join(README.read_text(encoding="utf-8").split())


def begins_with_fit(page: Path) -> bool:
    return commands_of(page)[0].startswith("clustertags fit")


PAGES_WITH_COMMANDS = [
    pytest.param("unfitted" if begins_with_fit(page) else "fitted", page, id=name_of(page))
    for page in filter(commands_of, PAGES)
]


@pytest.mark.parametrize(("desk", "page"), PAGES_WITH_COMMANDS, indirect=["desk"])
def test_every_command_of_a_page_runs_in_its_order(run: Run, desk: Path, page: Path) -> None:
    for command in commands_of(page):
        program, *arguments = shlex.split(command)
        assert program == "clustertags"
        ran = run(*arguments)
        assert ran.status == 0, (command, ran.err)
        assert ran.out, command


def test_most_pages_of_instructions_have_commands_to_run() -> None:
    assert len(PAGES_WITH_COMMANDS) >= 10
    assert sum(len(commands_of(page)) for page in PAGES) >= 40


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_the_python_examples_of_a_page_run(desk: Path, page: Path) -> None:
    for example in blocks(page, "python"):
        exec(compile(example, name_of(page), "exec"), {})
    assert (desk / "artifacts" / "CURRENT").exists()


def commands_and_options() -> Iterator[tuple[str, Any]]:
    """Each command by its whole name, and those inside a group."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", {})
        yield f"clustertags {name}", command
        yield from ((f"clustertags {name} {own}", item) for own, item in inner.items())


@pytest.mark.parametrize(("name", "command"), list(commands_and_options()), ids=lambda value: str(value)[:40])
def test_every_command_has_an_example_in_its_help_and_instructions_on_a_page(name: str, command: Any) -> None:
    assert name in (command.help or ""), f"{name} --help has no example"
    told = [page for page in INSTRUCTIONS if re.search(rf"{name}\b", page.read_text(encoding="utf-8"))]
    assert told, f"neither the README nor a how-to page mentions {name}"


def test_every_command_with_every_option_is_in_the_reference() -> None:
    reference = load_script("command_reference").command_reference()
    assert "<!-- commands -->" in (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    for name, command in commands_and_options():
        (section,) = re.findall(rf"^#+ {name}\n(.*?)(?=^#|\Z)", reference, re.MULTILINE | re.DOTALL)
        for parameter in command.params:
            for spelling in [*parameter.opts, *parameter.secondary_opts]:
                shown = spelling if spelling.startswith("-") else parameter.metavar or spelling.upper()
                assert f"`{shown}`" in section.replace("\\|", "|"), f"{name} {spelling}"
            assert (parameter.help or "-").split("`")[0].split("|")[0] in section.replace("\\", ""), (
                f"{name} {spelling}"
            )


def test_every_route_is_in_the_reference_with_what_it_takes_and_gives() -> None:
    command_reference = load_script("command_reference")  # which the other script imports from
    assert command_reference.in_cell("a|b <c> `<d>`") == "a\\|b &lt;c> `<d>`"
    rest = load_script("rest_reference")
    openapi = rest.description()
    reference = rest.rest_reference(openapi)
    assert "<!-- rest -->" in (ROOT / "docs" / "reference" / "rest.md").read_text(encoding="utf-8")
    assert "/api/tag" in openapi["paths"]
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            heading = re.escape(f"### {method.upper()} {path}")
            (section,) = re.findall(rf"^{heading}\n(.*?)(?=^##|\Z)", reference, re.MULTILINE | re.DOTALL)
            for item in operation.get("parameters", []):
                assert f"| `{item['name']}` |" in section
            for status in operation["responses"]:
                assert f"\n| {status} |" in section
    for link in re.findall(r"\]\(#([\w-]+)\)", reference):
        assert f"({link})=" in reference


def test_every_public_name_is_in_the_reference() -> None:
    reference = load_script("python_reference").python_reference()
    assert "<!-- python -->" in (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    for name in clustertags.__all__:
        if not name.startswith("_"):
            assert re.search(rf"\b{name}\b", reference), name
    assert "Tagger" in reference
    assert "ClusterTagsError" in reference


def test_every_page_is_reached_and_is_in_one_list_of_contents() -> None:
    listed = [
        (page.parent / f"{entry}.md").resolve()
        for page in PAGES
        for block in re.findall(
            r"^```\{toctree\}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
        for entry in block.split("\n")
        if entry and not entry.startswith(":")
    ]
    assert sorted(listed) == sorted(page for page in PAGES if page not in {README, ROOT / "docs" / "index.md"})


def test_every_document_that_is_named_exists() -> None:
    for document in [ROOT / "CONTRIBUTING.md", *PAGES]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", text):
            assert (document.parent / target).exists(), f"{document.name} names {target}"
        for target in re.findall(r"`((?:clustertags|scripts|tests|docs)/[\w./-]+)`", text):
            assert (ROOT / target).exists(), f"{document.name} names {target}"
