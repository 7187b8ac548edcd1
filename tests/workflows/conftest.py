"""Small libraries in use that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.made.fitted import simple_library
from tests.made.published import publish_made


@pytest.fixture(scope="session")
def made_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`simple_library` in use: clusters of 30, 20 and 10 photos, 5 in none, two of each cluster tagged."""
    folder = tmp_path_factory.mktemp("made") / "artifacts"
    publish_made(simple_library(), folder)
    return folder


@pytest.fixture
def folder(made_artifacts: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made_artifacts, tmp_path / "artifacts"))
