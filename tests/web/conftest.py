"""An app over a small fitted library, asked as a browser on the same machine would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings
from tests.conftest import Library

ADDRESS = "http://127.0.0.1:8017"


@pytest.fixture(scope="module")
def client(fitted: Library) -> Iterator[TestClient]:
    """A server over a library that no test changes."""
    with TestClient(create_app(WebSettings(fitted.artifacts)), base_url=ADDRESS) as client:
        yield client


@pytest.fixture(scope="session")
def photo_bytes(fitted: Library) -> bytes:
    return (fitted.photos / "000-0.jpg").read_bytes()
