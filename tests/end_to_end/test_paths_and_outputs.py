"""Paths that are empty, a loop, hidden or links, and outputs that are closed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Library, Ran
from tests.made.photos import write_photos

Run = Callable[..., Ran]
PROGRAM = [sys.executable, "-m", "clustertags"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("fit", ".", "--artifacts", ""), "--artifacts"),
        (("fit", ".", "--artifacts="), "--artifacts"),
        (("fit", ""), "a path"),
        (("fit", ".", "--tags", ""), "--tags"),
        (("tag", ""), "a path"),
        (("gallery", "-o", ""), "-o"),
        (("clusters", "list", "--artifacts", ""), "--artifacts"),
    ],
)
def test_an_empty_path_is_not_the_current_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], named: str
) -> None:
    write_photos(tmp_path, 1, 3)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    ran = run(*arguments)
    assert ran.status == 2
    assert ran.err.startswith(f"clustertags: {named} is empty")
    assert sorted(tmp_path.iterdir()) == before


def test_an_empty_text_that_is_no_path_is_the_commands_own_matter(run: Run, fitted: Library) -> None:
    assert run("export", "--under", "", "--artifacts", fitted.artifacts).status == 0


def test_a_loop_of_links_is_one_line(run: Run, fitted: Library, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for command in (
        ("fit", loop, "--artifacts", tmp_path / "artifacts"),
        ("fit", fitted.photos, "--artifacts", loop),
        ("gallery", "--output", loop, "--artifacts", fitted.artifacts),
        ("export", "--folders", "tags", "--output", loop, "--artifacts", fitted.artifacts),
        ("info", "--artifacts", loop),
    ):
        ran = run(*command)
        assert ran.status in {1, 2}, command
        assert len(ran.err.splitlines()) == 1, ran.err


def test_hidden_folders_rubbish_and_other_galleries_are_no_photos(run: Run, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    write_photos(photos, 2, 4)
    some = sorted(path.name for path in photos.iterdir())
    for folder in ("@eaDir", ".thumbnails", "#recycle", ".Trash-1000"):
        (photos / folder).mkdir()
        shutil.copy(photos / some[0], photos / folder / "copy.jpg")
    (photos / f"._{some[0]}").write_bytes(b"\0\5\x16\7 resource fork")
    assert run("fit", photos, "--artifacts", photos / "old").status == 0
    assert run("gallery", "--artifacts", photos / "old", "--output", photos / "site").status == 0
    ran = run("fit", photos, "--artifacts", tmp_path / "artifacts")
    assert ran.status == 0
    assert "8 photos used" in ran.out
    assert "7 hidden folders or files left out; --include-hidden takes them in" in ran.out
    tagged = run("tag", photos, "--artifacts", tmp_path / "artifacts", "--format", "jsonl")
    assert len(tagged.answers) == 8
    assert "7 hidden folders or files left out, such as #recycle; name one to tag what is in it" in tagged.err
    named = run("tag", photos / "@eaDir", "--artifacts", tmp_path / "artifacts", "--format", "jsonl")
    assert len(named.answers) == 1
    assert "left out" not in named.err
    everything = run("fit", photos, "--include-hidden", "--artifacts", tmp_path / "artifacts")
    assert "left out" not in everything.out
    assert int(everything.out.split(" files")[0]) > 20


def test_links_are_said_of_a_folder_to_tag(run: Run, fitted: Library, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(next(fitted.photos.iterdir()))
    ran = run("tag", tmp_path, "--artifacts", fitted.artifacts)
    assert ran.status == 3
    assert "1 link, such as a.jpg, is not followed" in ran.err


def test_a_photo_of_a_far_future_is_read_once(run: Run, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 2, 4)
    first = min((tmp_path / "photos").iterdir())
    os.utime(first, ns=(13_569_465_600 * 10**9,) * 2)
    for decoded in (8, 0):
        ran = run("fit", tmp_path / "photos", "--artifacts", tmp_path / "artifacts")
        assert ran.status == 0
        assert f"{decoded} photos decoded" in ran.out


@pytest.mark.parametrize("command", ["info", "tag", "export", "suggest"])
def test_a_closed_output_is_one_line(fitted: Library, command: str) -> None:
    photo = [str(next(fitted.photos.iterdir()))] if command == "tag" else []
    script = 'exec "$@" >&-'
    ran = subprocess.run(
        ["sh", "-c", script, "sh", *PROGRAM, command, *photo, "--artifacts", str(fitted.artifacts)],
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == ["clustertags: the results cannot be written: standard output is closed"]
