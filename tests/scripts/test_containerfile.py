"""The Containerfile against the tree that it is built from: nothing here builds an image."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main

from clustertags.cli.main import app
from clustertags.features.conversion import ConvertedBackbone
from clustertags.library.backbone_cache import CACHE_VARIABLE
from tests.conftest import Library
from tests.end_to_end.test_without_torch import NOT_INSTALLED
from tests.scripts.loading import load_script
from tests.web.serving import serving

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """The instructions, each with its text on one line."""
    lines = [line for line in (ROOT / "Containerfile").read_text().splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(word, text.strip()) for word, _, text in (line.partition(" ") for line in joined)]


def last(steps: list[tuple[str, str]], word: str) -> str:
    return [text for step, text in steps if step == word][-1]


def is_sent(path: str) -> bool:
    """Whether the builder gets the path, by `.dockerignore`: the last line that matches it decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if not line.startswith("#") and (path == pattern or fnmatch.fnmatch(path, pattern)):
            sent = line.startswith("!")
    return sent


def test_all_that_is_copied_is_there_and_nothing_else_is_sent(steps: list[tuple[str, str]]) -> None:
    copied = [source for word, text in steps if word == "COPY" and "--from" not in text for source in text.split()[:-1]]
    assert {"pyproject.toml", "clustertags"} <= set(copied)
    for source in copied:
        assert (ROOT / source).exists(), source
        assert is_sent(source), source
    for other in (".git", "artifacts", "tests", "camera-roll", "a-photo.jpg", "scripts/demo"):
        assert not is_sent(other)


def test_nothing_runs_as_root(steps: list[tuple[str, str]]) -> None:
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", last(steps, "USER"))
    words = [word for word, _ in steps]
    assert "RUN" not in words[words.index("USER") :]


def test_the_command_is_one_that_there_is(steps: list[tuple[str, str]]) -> None:
    (program,) = json.loads(last(steps, "ENTRYPOINT"))
    assert program in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    name, *options = json.loads(last(steps, "CMD"))
    context = typer.main.get_command(app).commands[name].make_context(name, options)  # type: ignore[attr-defined]
    assert context.params["host"] == "0.0.0.0"
    assert str(context.params["port"]) == last(steps, "EXPOSE")
    assert str(Path(last(steps, "WORKDIR")) / context.params["artifacts"]) == last(steps, "VOLUME")
    assert f"{CACHE_VARIABLE}=/opt/cache" in shlex.split(last(steps, "ENV"))


def test_the_health_check_tells_a_server_from_none(steps: list[tuple[str, str]], fitted: Library) -> None:
    _, _, command = last(steps, "HEALTHCHECK").partition("CMD ")
    _, *arguments = json.loads(command)

    def status(address: str) -> int:
        asked = [argument.replace("http://127.0.0.1:8017", address) for argument in arguments]
        return subprocess.run([sys.executable, *asked], stderr=subprocess.DEVNULL, check=False).returncode

    with serving(fitted.artifacts) as address:
        assert status(address) == 0
    assert status(address) != 0


def test_only_what_converts_a_network_is_removed(steps: list[tuple[str, str]]) -> None:
    (removal,) = (text for word, text in steps if word == "RUN" and "uninstall" in text)
    removed = removal.partition("--yes ")[2].split()
    assert {name.replace("-", "_") for name in removed} == NOT_INSTALLED


@pytest.mark.usefixtures("prepared")
def test_the_network_is_converted_into_the_cache(
    prepared: ConvertedBackbone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["convert_network.py"])
    load_script("convert_network").main()
    assert capsys.readouterr().out == f"{prepared.folder}\n"
