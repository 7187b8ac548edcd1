"""What a person sees of the first fit: how far it is, and what to do next."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import clustertags
from clustertags.library import backbone_cache
from clustertags.workflows import fit as pipeline
from clustertags.workflows.fit import FitSettings
from tests.conftest import Library, Ran
from tests.library.tiny_backbone import TinyBackbone
from tests.made.photos import write_photos

Run = Callable[..., Ran]
Step = tuple[str, int, int]
PACKAGE = Path(clustertags.__file__).parent
# One grammatical form: what is being done, and to what.
FORM = re.compile(r"[A-Z][a-z]+(-[a-z]+)?ing( [a-z-]+)+")


def stages_of(module: Path) -> Iterator[str]:
    """The names that a module gives to `progress`, and those of fields called `stage`."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or len(node.args) != 3:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called != "progress":
            continue
        name = node.args[0]
        if isinstance(name, ast.Constant):
            yield str(name.value)
        elif isinstance(name, ast.Name):
            yield str(constants[name.id])
        else:
            assert isinstance(name, ast.Attribute), f"{module.name}: a stage's name is a constant"
            assert name.attr == "stage"


def test_all_stages_are_named_alike() -> None:
    from clustertags.benchmark.extra_protocols.protocol_tables import USERS_TABLE, ZERO_SHOT_TABLE

    names = {name for module in PACKAGE.rglob("*.py") for name in stages_of(module)}
    names |= {USERS_TABLE.stage, ZERO_SHOT_TABLE.stage}
    assert {"Finding files", "Extracting features", "Fitting tags", "Writing pages"} <= names
    assert [name for name in sorted(names) if not FORM.fullmatch(name)] == []


def check(steps: list[Step]) -> None:
    """Each stage runs forwards to its end, with a total where there can be one."""
    for stage in dict.fromkeys(name for name, _, _ in steps):
        done = [(number, total) for name, number, total in steps if name == stage]
        assert [number for number, _ in done] == sorted(number for number, _ in done), stage
        totals = {total for _, total in done}
        # How many files there are is known once they are found.
        assert len(totals - {0}) == 1, stage
        assert stage == "Finding files" or 0 not in totals, stage
        assert done[-1][0] == done[-1][1], f"{stage} does not end"
    order = [name for name, _, _ in steps]
    assert order == sorted(order, key=list(dict.fromkeys(order)).index), "a stage goes on after another has begun"


def test_the_progress_of_a_fit_and_a_gallery(fitted: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from clustertags.gallery.site import write_gallery
    from clustertags.workflows.tag import Tagger

    monkeypatch.setattr(backbone_cache, "describe_processor", lambda: "another, so that the network is prepared")
    steps: list[Step] = []
    settings = FitSettings(fitted.photos, fitted.seeds, tmp_path / "artifacts")
    library = pipeline.fit(settings, lambda *step: steps.append(step)).library
    check(steps)
    assert list(dict.fromkeys(stage for stage, _, _ in steps)) == [
        "Finding files",
        "Preparing the network",
        "Extracting features",
        "Laying out photos",
        "Clustering photos",
        "Reading names of tags",
        "Fitting tags",
        "Tagging photos",
    ]
    steps.clear()
    write_gallery(library, tmp_path / "gallery", progress=lambda *step: steps.append(step))
    list(Tagger(tmp_path / "artifacts").tag_all(fitted.photos.glob("*.jpg"), progress=lambda *step: steps.append(step)))
    check(steps)
    assert len({stage for stage, _, _ in steps}) == 3
    steps.clear()
    pipeline.fit(settings, lambda *step: steps.append(step))
    check(steps)
    assert "Extracting features" not in {stage for stage, _, _ in steps}


def test_a_cache_that_is_cleared_during_a_fit_does_not_end_it(
    fitted: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(backbone_cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    tiny = TinyBackbone()
    monkeypatch.setattr(pipeline, "find_backbone", lambda *_: tiny.backbone)

    def clear(stage: str, done: int, total: int) -> None:
        if stage == "Clustering photos":
            shutil.rmtree(tmp_path / "cache", ignore_errors=True)

    summary = pipeline.fit(FitSettings(fitted.photos, fitted.seeds, tmp_path / "artifacts"), clear)
    assert (tmp_path / "artifacts" / "models" / summary.version / "backbone.bin").stat().st_size
    assert tiny.loaded == 2


def hints(ran: Ran) -> list[list[str]]:
    lines = ran.err.splitlines()
    return [shlex.split(line) for line in lines[lines.index("next:") + 1 :]]


PLACES = {
    "default": ("photos", None),
    "elsewhere": ("my photos", "it's here"),
    "among the photos": ("photos", "photos/artifacts"),
    "here": (".", "artifacts"),
    "like an option": ("photos", "-odd"),
}


@pytest.mark.parametrize(("photos", "artifacts"), PLACES.values(), ids=PLACES.keys())
def test_every_command_that_a_fit_names_runs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photos: str, artifacts: str | None
) -> None:
    desk = tmp_path / "desk"
    write_photos(desk / photos, 2, 5)
    (desk / photos / "\u202e.png").write_bytes((desk / photos / "000-0.jpg").read_bytes()[:-1])
    monkeypatch.chdir(desk)
    named = () if artifacts is None else (f"--artifacts={artifacts}",)
    tag, gallery, serve = hints(run("fit", photos, *named))
    commands = [command[:2] for command in (tag, gallery, serve)]
    assert commands == [["clustertags", name] for name in ("tag", "gallery", "serve")]
    assert all(
        ("--artifacts" in command) == (artifacts not in {None, "artifacts"}) for command in (tag, gallery, serve)
    )
    before = sorted(path for path in (desk / photos).iterdir())
    for command in (tag, gallery):
        ran = run(*command[1:])
        assert (ran.status, bool(ran.out)) == (0, True), (command, ran.err)
    assert sorted(path for path in (desk / photos).iterdir()) == before
    with subprocess.Popen(
        [sys.executable, "-m", *serve, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline().startswith("http://127.0.0.1:")
        finally:
            server.send_signal(signal.SIGKILL)
    assert "next:" not in run("fit", photos, *named, "--quiet").err


def test_no_test_writes_to_the_users_own_cache(cache: Path) -> None:
    assert os.environ[backbone_cache.CACHE_VARIABLE] == str(cache)
    assert backbone_cache.cached_backbones() == cache / "backbones"
