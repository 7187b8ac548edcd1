"""Several fits on one artifacts folder: one works, the others say so at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clustertags.library.artifacts import Artifacts
from tests.conftest import Library

_LOCKED_OUT = """
import sys
from clustertags.cli.main import main
sys.argv = ["clustertags", "fit", sys.argv[1], "--artifacts", sys.argv[2]]
try:
    main()
except SystemExit as stop:
    print(stop.code, "clustertags.workflows.fit" in sys.modules, "clustertags.photos.discovery" in sys.modules)
"""


def test_who_is_locked_out_does_nothing_first(own_library: Library) -> None:
    program = [sys.executable, "-c", _LOCKED_OUT, str(own_library.photos), str(own_library.artifacts)]
    with Artifacts(own_library.artifacts).writing():
        done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False", "False"], "neither recipe nor photos were looked at"
    assert "another clustertags is writing" in done.stderr


def test_a_folder_that_is_no_library_gets_no_lock(tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir()
    with Artifacts(tmp_path / "artifacts").writing_if_there():
        assert list((tmp_path / "artifacts").iterdir()) == []


@pytest.mark.slow
def test_of_eight_fits_one_works_and_seven_say_so(fitted: Library, artifacts: Path) -> None:
    program = [sys.executable, "-m", "clustertags", "--quiet", "fit", str(fitted.photos)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen([*program, "--artifacts", str(artifacts)], stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(8)
    ]
    ended: list[tuple[int, str]] = []
    while running:
        for process in [process for process in running if process.poll() is not None]:
            running.remove(process)
            ended.append((process.returncode, process.communicate()[1]))
        time.sleep(0.01)
    assert [status for status, _ in ended] == [1] * 7 + [0], "those that are refused end long before the one that works"
    for _, told in ended[:7]:
        assert told.count("\n") == 1
        assert f"another clustertags is writing to {artifacts}" in told
    Artifacts(artifacts).current().verify()
