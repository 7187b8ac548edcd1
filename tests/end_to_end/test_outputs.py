"""Every command where standard output is closed, full, or has lost its reader: one line or silence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Library, Ran
from tests.made.commands import Command, all_commands

Run = Callable[..., Ran]
_CANNOT = {
    "closed": ["clustertags: the results cannot be written: standard output is closed"],
    "full": ["clustertags: the results cannot be written: No space left on device"],
    "pipe": [],
}


def lines(library: Library, folder: Path) -> dict[Command, list[list[str]]]:
    """Each command with what it needs to print a result; the first words are the command itself."""
    photo = str(library.photos / "000-0.jpg")
    given: dict[Command, list[list[str]]] = {
        ("fit",): [[str(library.photos), "--tags", str(library.seeds)]],
        ("tag",): [[photo], [photo, "--format", "csv"], [photo, "--format", "json"]],
        ("search",): [["boat"], ["boat", "--format", "jsonl"]],
        ("gallery",): [[]],
        ("serve",): [["--port", "0"]],
        ("suggest",): [[], ["--format", "csv"], ["--format", "json"], ["--output", str(folder / "ask.csv")]],
        ("evaluate",): [["--folds", "2"]],
        ("export",): [[], ["--format", "csv"], ["--format", "parquet"], ["--sidecars", "--dry-run"]],
        ("benchmark",): [["--list"]],
        ("vocabulary",): [[], ["--json"]],
        ("relocate",): [[str(library.photos)]],
        ("add",): [[str(library.photos)]],
        ("versions",): [[], ["--format", "json"]],
        ("restore",): [[]],
        ("verify",): [[], ["--format", "json"]],
        ("info",): [[], ["--json"]],
        ("clusters", "list"): [[], ["--json"]],
        ("clusters", "rename"): [["0", "a"]],
        ("clusters", "merge"): [["0", "1"]],
        ("clusters", "split"): [["0", "--parts", "2"]],
        ("clusters", "move"): [["000-0.jpg", "--out"]],
        ("clusters", "hide"): [["0"]],
        ("clusters", "undo"): [[]],
        ("clusters", "redo"): [[]],
        ("clusters", "log"): [[], ["--json"]],
    }
    artifacts = ["--artifacts", str(library.artifacts)]
    return {
        words: [[*words, *more, *([] if words == ("benchmark",) else artifacts)] for more in each]
        for words, each in given.items()
    }


@contextmanager
def standard_output(kind: str) -> Iterator[Any]:
    """What `sys.stdout` is where standard output is closed, full, or a pipe whose reader has gone."""
    if kind == "closed":
        yield None
        return
    if kind == "full":
        stream = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w", encoding="utf-8")
    else:
        reader, writer = os.pipe()
        os.close(reader)
        stream = os.fdopen(writer, "w", encoding="utf-8")
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_output_that_takes_nothing_is_one_line_or_silence(
    run: Run, own_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = lines(own_library, tmp_path)
    assert set(given) == set(all_commands()) - {("watch",)}  # which has a result where photos arrive
    faults = []
    for kind, errors in _CANNOT.items():
        for words, each in given.items():
            once = words in {("fit",), ("evaluate",)}  # seconds of work
            for line in each if kind == "full" else [] if once else each[:1]:
                with standard_output(kind) as stream, monkeypatch.context() as patched:
                    patched.setattr(sys, "stdout", stream)
                    ran = run(*line)
                    if sys.stdout is not None:
                        sys.stdout.flush()  # as at the end of the program
                said = [text for text in ran.err.splitlines() if text.startswith("clustertags: ")]
                if ran.status != 1 or said != errors:
                    faults.append(f"{kind} {line}: status {ran.status}, {ran.err!r}")
    assert not faults, "\n".join(faults)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_help_on_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "clustertags", "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == ["clustertags: no room left: make room, or name another place"]
