"""A killed fit: the next one finishes, equals one that was never interrupted, and the model before stays usable."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.made.labels import write_seeds
from tests.made.photos import write_photos

Run = Callable[..., Ran]
MOMENTS = 10


def fitted_content(artifacts: Path) -> dict[str, str]:
    """The hash of every file of the version in use, but for what the clock or the machine decides."""
    folder = artifacts / "models" / (artifacts / "CURRENT").read_text().strip()
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name not in {"manifest.json", "backbone.compiled"}
    }


@pytest.mark.slow
def test_kill_at_ten_moments(run: Run, tmp_path: Path) -> None:
    photos, more = tmp_path / "photos", tmp_path / "more"
    kinds = write_photos(photos, 3, 20)
    write_seeds(tmp_path / "seeds.csv", kinds, 4)
    base = tmp_path / "base"
    assert run("fit", photos, "--tags", tmp_path / "seeds.csv", "--artifacts", base).status == 0
    before = fitted_content(base)
    shutil.copytree(photos, more)
    for path in sorted(write_photos(tmp_path / "added", 5, 40)):
        shutil.copy(tmp_path / "added" / path, more / f"added-{path}")
    command = ["fit", str(more), "--tags", str(tmp_path / "seeds.csv"), "--artifacts"]
    whole = Path(shutil.copytree(base, tmp_path / "whole"))
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "clustertags", *command, whole], check=True, capture_output=True)
    seconds = time.perf_counter() - started
    expected = fitted_content(whole)
    assert expected["photos.json"] != before["photos.json"]

    artifacts = Path(shutil.copytree(base, tmp_path / "killed"))
    killed = 0
    for moment in range(MOMENTS):
        process = subprocess.Popen(
            [sys.executable, "-m", "clustertags", *command, artifacts],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        begun = time.perf_counter()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds * (moment + 0.5) / MOMENTS)
        process.send_signal(signal.SIGKILL)
        was_killed, ended = process.wait() == -signal.SIGKILL, time.perf_counter()
        killed += was_killed
        # What is in use is the old model or the new one, whole, and it answers.
        assert fitted_content(artifacts) in (before, expected)
        ran = run("tag", photos / "000-0.jpg", "--artifacts", artifacts, "--format", "jsonl")
        assert ran.status == 0
        assert json.loads(ran.out)["path"]
        if not was_killed:  # faster than the run that was timed, as on a busy machine: once more from the beginning
            seconds = min(seconds, ended - begun)
            shutil.rmtree(artifacts)
            shutil.copytree(base, artifacts)
    assert killed >= MOMENTS // 2, "the moments were too late to interrupt anything"
    assert run(*command, artifacts).status == 0
    assert fitted_content(artifacts) == expected
    assert not list((artifacts / "models").glob(".staging-*"))
