"""Nothing that the program does by itself opens a network connection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path

calls = []
watched = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request", "subprocess.Popen"}
sys.addaudithook(lambda event, arguments: calls.append((event, arguments)) if event in watched else None)

from clustertags.features.backbones import find_backbone
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_store import open_runtime, prepare_backbone

backbone = find_backbone()
converted = prepare_backbone(Artifacts(Path(sys.argv[1])), backbone)
open_runtime(converted, backbone, "cpu")
print([event for event, arguments in calls if event != "subprocess.Popen"])
print("openvino_telemetry" in sys.modules and sys.modules["openvino_telemetry"] is None)
"""


@pytest.mark.slow
def test_preparing_and_loading_a_network_sends_nothing_and_leaves_nothing_at_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "artifacts"],
        env={**environment, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == ["[]", "True"]
    assert not (home / "intel").exists(), "OpenVINO's telemetry was at work"
