"""A disk that is full, or a limit on the sizes of files, while a network is converted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clustertags.library.backbone_cache import CACHE_VARIABLE
from tests.made.photos import write_photos

resource = pytest.importorskip("resource", reason="this system has no limits on the sizes of files")
MOST_BYTES = 4 * 2**20  # the packaged network's parameters are larger, everything before is smaller


@pytest.mark.slow
def test_a_network_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 2, 3)
    artifacts = tmp_path / "artifacts"
    command = [sys.executable, "-m", "clustertags", "fit", str(tmp_path / "photos"), "--artifacts", str(artifacts)]
    ran = subprocess.run(
        command,
        env={**os.environ, CACHE_VARIABLE: str(tmp_path / "cache")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1, ran.stderr
    assert ran.stderr.startswith("clustertags: no room left for ")
    assert not list(artifacts.glob("**/.staging-*"))
