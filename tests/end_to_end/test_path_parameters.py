"""Every parameter that takes a path, of every command, with paths that are none, odd, or not to be touched."""

from __future__ import annotations

import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Library, Ran
from tests.made.commands import Command, all_commands, path_parameters
from tests.made.privileges import without_privileges

Run = Callable[..., Ran]

HANGS_SECONDS = 30
"""After so long a command hangs; they take a fraction of a second."""

NEEDED: dict[Command, dict[str, object]] = {
    ("fit",): {"photos": "PHOTOS"},
    ("add",): {"photos": "PHOTOS"},
    ("watch",): {"photos": "PHOTOS"},
    ("tag",): {"photos": "PHOTO"},
    ("search",): {"words": "boat"},
    ("gallery",): {},
    ("serve",): {"--port": "0"},
    ("suggest",): {},
    ("evaluate",): {"--folds": "2"},
    ("export",): {},
    ("benchmark",): {"photos": "PHOTOS", "--methods": "popularity", "--budgets": "1", "--draws": "1"},
    ("vocabulary",): {},
    ("relocate",): {"photos": "PHOTOS"},
    ("versions",): {},
    ("restore",): {"version": "1"},
    ("info",): {},
    ("verify",): {},
    ("clusters", "list"): {},
    ("clusters", "rename"): {"cluster": "0", "name": "a"},
    ("clusters", "merge"): {"clusters": "0", "more": "1"},
    ("clusters", "split"): {"cluster": "0"},
    ("clusters", "move"): {"photos": "000-0.jpg", "--to": "1"},
    ("clusters", "hide"): {"what": "0"},
    ("clusters", "undo"): {},
    ("clusters", "redo"): {},
    ("clusters", "log"): {},
}
"""What a command takes to do its work, besides the parameter that is tried."""

OUTPUTS = {"--output", "--report"}
KINDS = ("empty", "long", "very long", "loop", "device", "pipe", "below a file", "not permitted", "link")
EVERY = [(words, name) for words, command in all_commands().items() for name in path_parameters(command)]


@dataclass(frozen=True)
class Place:
    """A path to try and the check that it is what it was."""

    path: Path
    unchanged: Callable[[], bool]


def made(kind: str, folder: Path) -> Place:
    plain, path = folder / "plain.txt", folder / "it"
    plain.write_text("kept")
    places = {
        "empty": Path(),
        "long": folder / ("n" * 300),
        "very long": folder / "/".join(["folder"] * 700),
        "below a file": plain / "below",
        "not permitted": path / "inside",
    }
    unchanged: Callable[[], bool] = lambda: plain.read_text() == "kept"  # noqa: E731
    if kind == "loop":
        path.symlink_to(path)
        unchanged = path.is_symlink
    elif kind == "device":
        path.symlink_to("/dev/null") if os.geteuid() else os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        unchanged = path.is_char_device
    elif kind == "pipe":
        os.mkfifo(path)
        unchanged = path.is_fifo
    elif kind == "not permitted":
        path.mkdir(mode=0)
    elif kind == "link":
        path.symlink_to(folder / "gone")
        unchanged = path.is_symlink
    return Place(places.get(kind, path), unchanged)


def arguments(words: Command, name: str, path: str, library: Library, folder: Path) -> list[str]:
    command = all_commands()[words]
    option = path_parameters(command)[name]
    given = {"PHOTOS": library.photos, "PHOTO": library.photos / "000-0.jpg"}
    needed = {key: str(given.get(value, value)) for key, value in NEEDED[words].items()}
    if words == ("evaluate",) and name == "photos":
        needed["--tags"] = str(library.seeds)
    if "artifacts" in path_parameters(command):
        made_there = words == ("fit",)
        needed.setdefault("--artifacts", str(folder / "artifacts" if made_there else library.artifacts))
    if words == ("benchmark",):
        needed.setdefault("--tags", str(library.seeds))
        needed.setdefault("--output", str(folder / "benchmark"))
    needed[option or name] = path
    options = [text for key, value in needed.items() if key.startswith("-") for text in (key, value)]
    return [*words, *(value for key, value in needed.items() if not key.startswith("-")), *options]


@contextmanager
def hanging_is_a_fault() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise AssertionError(f"it hangs: nothing came of it in {HANGS_SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(HANGS_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def reader_of(pipe: Path) -> Iterator[None]:
    """Someone who reads what comes through a pipe."""
    descriptor = os.open(pipe, os.O_RDWR)  # never blocks
    thread = threading.Thread(target=lambda: os.read(descriptor, 1 << 20), daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.write(descriptor, b"end")
        thread.join()
        os.close(descriptor)


def fault(ran: Ran, kind: str) -> str:
    """What is wrong with how a command ended, "" where nothing is."""
    lines = ran.err.splitlines()
    if ran.status not in {0, 1, 2, 3}:
        return f"exit status {ran.status}"
    of_a_photo = ["1 photo could not be read"]  # `tag`, whose results say why
    if ran.status in {1, 2} and lines != of_a_photo and not (len(lines) == 1 and lines[0].startswith("clustertags: ")):
        return f"status {ran.status} without its one line: {ran.err!r}"
    if kind == "empty" and ran.status != 2:
        return "an empty path is taken"
    return ""


def test_every_command_is_tried() -> None:
    assert set(NEEDED) == set(all_commands())


@pytest.mark.parametrize(("words", "name"), EVERY, ids=["-".join((*words, name)) for words, name in EVERY])
def test_no_path_does_harm(
    run: Run, own_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: Command, name: str
) -> None:
    faults = []
    monkeypatch.chdir(tmp_path)
    for kind in KINDS:
        folder = tmp_path / kind.replace(" ", "-")
        folder.mkdir()
        place = made(kind, folder)
        path = "" if kind == "empty" else str(place.path)
        line = arguments(words, name, path, own_library, folder)
        is_output = path_parameters(all_commands()[words])[name] in OUTPUTS
        try:
            with hanging_is_a_fault():
                if kind == "not permitted":
                    with without_privileges():
                        ran = run(*line)
                elif kind == "pipe" and is_output:
                    with reader_of(place.path):
                        ran = run(*line)
                else:
                    ran = run(*line)
        except Exception as error:
            faults.append(f"{kind}: {type(error).__name__}: {error}")
            continue
        if found := fault(ran, kind):
            faults.append(f"{kind}: {found}")
        if not place.unchanged():
            faults.append(f"{kind}: it is not what it was")
    assert not faults, "\n".join(faults)
