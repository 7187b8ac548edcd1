"""The evaluation of the version in use, computed once per version in the background."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clustertags.errors import ClusterTagsError
from clustertags.evaluation.report import ReportPage, report_page
from clustertags.library.artifacts import Artifacts
from clustertags.web.error_texts import without_folders


@dataclass(frozen=True, slots=True)
class ReportState:
    """State of the evaluation of `version`; `done` of `total`: progress within `step`."""

    phase: Literal["none", "working", "ready", "failed"] = "none"
    version: str = ""
    step: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    page: ReportPage | None = None


class _ClosedError(Exception):
    """The app stops while an evaluation is computed."""


class Reports:
    """Holds the last evaluation; at most one is computed at a time."""

    def __init__(self, artifacts: Path) -> None:
        self._artifacts = artifacts
        self._lock = threading.Lock()
        self._state = ReportState()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def current(self, *, make: bool) -> ReportState:
        """The evaluation of the version in use; with `make` it is started where there is none yet."""
        version = Artifacts(self._artifacts).current().name
        with self._lock:
            if self._state.version != version and self._state.phase != "working":
                self._state = ReportState(version=version)
            if make and self._state.phase in {"none", "failed"}:
                self._state = ReportState("working", version, "Cross-validating")
                self._thread = threading.Thread(target=self._make, args=(version,), name="report", daemon=True)
                self._thread.start()
            return self._state

    def close(self) -> None:
        """Stop after the current step."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _make(self, version: str) -> None:
        from clustertags.workflows.evaluate import evaluate_library  # noqa: PLC0415  (scikit-learn takes a second)

        try:
            evaluation = evaluate_library(self._artifacts, progress=self._progress)
            source = f"{Path(os.path.realpath(self._artifacts)).name} · cross-validation"
            state = ReportState("ready", version, page=report_page(evaluation, source))
        except ClusterTagsError as error:
            state = ReportState("failed", version, error=without_folders(str(error), self._artifacts))
        except Exception as error:
            state = ReportState("failed", version, error=f"the evaluation failed: {type(error).__name__}")
        with self._lock:
            self._state = state

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self._closed.is_set():
            raise _ClosedError
        with self._lock:
            self._state = ReportState("working", self._state.version, stage, done, total)
