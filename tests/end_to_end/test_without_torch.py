"""Once the network is converted, no command imports torch, and all work where it is not installed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.conftest import Library
from tests.made.labels import write_labels

NOT_INSTALLED = {"torch", "torchvision", "timm", "sympy", "mpmath", "networkx"}
DRIVER = """
import importlib.abc, json, sys, traceback

not_installed, commands = map(json.loads, sys.argv[1:])
tried = []


class NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in not_installed:
            tried.append(traceback.format_stack())
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


sys.meta_path.insert(0, NotInstalled())
from clustertags.cli.main import main

for arguments in commands:
    sys.argv[1:] = arguments
    status = 0
    try:
        main()
    except SystemExit as stop:
        status = stop.code or 0
    assert status == 0, (arguments, status)
    assert not tried, (arguments, tried[0])
    print("without torch:", arguments[0], flush=True)
"""


def started(commands: list[list[str]]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, json.dumps(sorted(NOT_INSTALLED)), json.dumps(commands)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.slow
def test_no_command_imports_torch_once_the_network_is_converted(own_library: Library, tmp_path: Path) -> None:
    photo, artifacts = str(own_library.photos / "000-0.jpg"), str(own_library.artifacts)
    truth = write_labels(tmp_path / "truth.csv", own_library.kinds)
    commands = [
        ["fit", str(own_library.photos), "--tags", str(own_library.seeds), "--artifacts", str(tmp_path / "new")],
        ["tag", photo, "--explain", "--artifacts", artifacts],
        ["info", "--artifacts", artifacts],
        ["gallery", "--output", str(tmp_path / "gallery"), "--artifacts", artifacts],
        ["export", "--format", "csv", "--output", str(tmp_path / "tags.csv"), "--artifacts", artifacts],
        ["search", "a dog on a beach", "--artifacts", artifacts],
        ["suggest", "--artifacts", artifacts],
        ["clusters", "list", "--artifacts", artifacts],
        ["clusters", "rename", "0", "Beach", "--artifacts", artifacts],
        ["vocabulary", "--artifacts", artifacts],
        ["evaluate", "--tags", str(truth), "--artifacts", artifacts],
    ]
    with started(commands) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert re.findall(r"^without torch: (.*)$", out, re.MULTILINE) == [command[0] for command in commands]


@pytest.mark.usefixtures("heeded_interrupts")
def test_the_app_does_not_import_torch(fitted: Library, a_photo: Path) -> None:
    with started([["serve", "--artifacts", str(fitted.artifacts), "--port", "0"]]) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with httpx2.Client(base_url=address, timeout=60) as client:
            for page in ("/", "/try", "/map", "/label", "/export"):
                client.get(page).raise_for_status()
            answer = client.post("/api/tag", files={"file": a_photo.read_bytes()}).raise_for_status().json()
        assert answer["tags"]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out == "without torch: serve\n"
