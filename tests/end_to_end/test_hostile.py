"""Names and files made to attack whatever reads, prints or links them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

Run = Callable[..., Ran]


def assert_harmless(text: str) -> None:
    """Nothing in what is printed moves the cursor, colours, reorders or rings."""
    unsafe = {character for character in text if ord(character) < 32 or character in "\x7f\u202e\u200b"} - {"\n"}
    assert unsafe == set()


def test_malformed_images_are_all_accounted_for(run: Run, artifacts: Path, shared: Path) -> None:
    folder = shared / "bad-images"
    n_files = sum(len(names) for _, _, names in os.walk(folder))
    ran = run("fit", folder, "--artifacts", artifacts)
    assert ran.status == 3
    assert ran.out.startswith(f"{n_files:,} files: ")
    assert_harmless(ran.out + ran.err)
    shown = json.loads(run("info", "--artifacts", artifacts, "--json").out)
    used = shown["counts"]["files"] - shown["counts"]["skipped"]
    assert shown["counts"]["files"] == n_files
    assert used > 300
    assert all(item["reason"] for item in shown["skipped"])


@pytest.fixture(scope="module")
def hostile(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "photos"
    subprocess.run(
        [sys.executable, shared / "tools" / "make_hostile_names.py", folder], check=True, capture_output=True
    )
    return folder


def test_hostile_names_are_used_and_shown_harmlessly(
    run: Run, artifacts: Path, hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("fit", hostile, "--artifacts", artifacts)
    assert ran.status == 3, "an empty and a far too large photo could not be read"
    assert_harmless(ran.out + ran.err)
    for options in (("--format", "table"), ("--format", "csv"), ("--format", "json"), ("--explain",)):
        shown = run("tag", hostile, "--artifacts", artifacts, *options)
        assert_harmless(shown.out.replace("\r", "") + shown.err)
    assert_harmless(run("info", "--artifacts", artifacts, "--skipped").out)
    assert not (tmp_path / "pwned").exists()
    lines = run("tag", hostile, "--artifacts", artifacts, "--format", "jsonl")
    assert_harmless(lines.out)
    names = {Path(answer["path"]).name for answer in lines.answers}
    assert {"<img src=x onerror=alert(1)>.png", "new\nline.png", "-rf.png", "\u202egnp.exe.png"} <= names
