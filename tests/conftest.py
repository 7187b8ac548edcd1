"""What tests in every room use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("CLUSTERTAGS_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The labelled photos and malformed images that lie beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"there is no {SHARED.name}/ beside the repository")
    return SHARED
