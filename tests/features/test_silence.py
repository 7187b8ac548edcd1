"""Nothing that a first fit does by itself opens a network connection or says what only its developers would read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clustertags.library.backbone_cache import CACHE_VARIABLE
from tests.made.photos import write_photos

SCRIPT = """
import logging, sys

calls = []
watched = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request", "subprocess.Popen"}
sys.addaudithook(lambda event, arguments: calls.append((event, arguments)) if event in watched else None)

from clustertags.cli.main import main

arguments = list(sys.argv)
main_status = 0
try:
    main()
except SystemExit as stop:
    main_status = stop.code
print([event for event, arguments in calls if event != "subprocess.Popen"])
print("openvino_telemetry" in sys.modules and sys.modules["openvino_telemetry"] is None)
root = logging.getLogger()
print(main_status, "torch" in sys.modules, sys.argv == arguments, root.handlers, root.filters, root.level)
"""
EXPECTED = [
    r"8 files: 8 photos used, 0 skipped; 8 photos decoded",
    r"\d+ clusters?, .* photos unclustered .*",
    r"largest: .*",
    r"no tags given: .*",
    r"model 0001 in .*",
    r"\[\]",
    r"True",
    r"0 True True \[\] \[\] 30",
]
EXPECTED_NOTICES = [
    r"seconds: .*",
    r"decoded by \d+ threads?",
    "next:",
    "  clustertags tag .*",
    "  clustertags gallery .*",
    "  clustertags serve .*",
]


@pytest.mark.slow
def test_a_first_fit_sends_nothing_says_only_its_own_and_leaves_nothing_at_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    write_photos(tmp_path / "photos", 2, 4)
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    command = ["fit", tmp_path / "photos", "--artifacts", tmp_path / "artifacts", "--verbose"]
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *command],
        env={**environment, "HOME": str(home), CACHE_VARIABLE: str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert fits(ran.stdout, EXPECTED), ran.stdout
    assert fits(ran.stderr, EXPECTED_NOTICES), ran.stderr
    assert not list(home.iterdir()), "OpenVINO's telemetry was at work, or something keeps files at home"


def fits(said: str, patterns: list[str]) -> bool:
    """Whether each line is of the pattern at its place, and there is none besides."""
    lines = said.splitlines()
    return len(lines) == len(patterns) and all(map(re.fullmatch, patterns, lines))
