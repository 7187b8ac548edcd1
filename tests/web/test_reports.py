"""The evaluation in the background ends with the app."""

from __future__ import annotations

import threading
import time

import pytest

from clustertags.types import Progress
from clustertags.web.reports import Reports
from tests.conftest import Library


def alive() -> bool:
    return any(thread.name == "report" for thread in threading.enumerate())


def test_an_evaluation_stops_with_the_app(fitted: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(folder: object, *, progress: Progress) -> None:
        while True:
            progress("Leaving out tags", 1, 5)
            time.sleep(0.01)

    monkeypatch.setattr("clustertags.workflows.evaluate.evaluate_library", endless)
    reports = Reports(fitted.artifacts)
    assert reports.current(make=True).phase == "working"
    assert alive()
    reports.close()
    assert not alive()
    Reports(fitted.artifacts).close()
