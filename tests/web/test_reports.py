"""The evaluation in the background ends with the app."""

from __future__ import annotations

import threading
import time

import pytest
from fastapi.testclient import TestClient

from clustertags.types import Progress
from clustertags.web.app import create_app
from clustertags.web.reports import Reports
from clustertags.web.settings import WebSettings
from tests.conftest import Library
from tests.web.conftest import ADDRESS


def alive() -> bool:
    return any(thread.name == "report" for thread in threading.enumerate())


def test_an_evaluation_stops_with_the_app(fitted: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(folder: object, *, progress: Progress) -> None:
        while True:
            progress("Leaving out tags", 1, 5)
            time.sleep(0.01)

    monkeypatch.setattr("clustertags.workflows.evaluate.evaluate_library", endless)
    with TestClient(create_app(WebSettings(fitted.artifacts)), base_url=ADDRESS) as client:
        assert client.post("/api/report").json() == {"phase": "working"}
        assert alive()
    assert not alive()
    Reports(fitted.artifacts).close()
