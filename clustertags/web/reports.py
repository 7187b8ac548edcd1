"""The evaluation of the version in use, made once for each in the background."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from clustertags.errors import ClusterTagsError
from clustertags.evaluation.report import ReportPage, report_page
from clustertags.library.artifacts import Artifacts


@dataclass(frozen=True, slots=True)
class ReportState:
    """`phase`: "none", "working", "ready" or "failed"; `version` is what was evaluated."""

    phase: str = "none"
    version: str = ""
    step: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    page: ReportPage | None = None


class Reports:
    """Holds the last report; at most one is being made."""

    def __init__(self, artifacts: Path) -> None:
        self._artifacts = artifacts
        self._lock = threading.Lock()
        self._state = ReportState()

    def current(self, *, make: bool) -> ReportState:
        """The report of the version in use; with `make` it is begun where there is none yet."""
        version = Artifacts(self._artifacts).current().name
        with self._lock:
            if self._state.version != version and self._state.phase != "working":
                self._state = ReportState(version=version)
            if make and self._state.phase in {"none", "failed"}:
                self._state = ReportState("working", version, "Cross-validating")
                threading.Thread(target=self._make, args=(version,), name="report", daemon=True).start()
            return self._state

    def _make(self, version: str) -> None:
        from clustertags.workflows.evaluate import evaluate_library  # noqa: PLC0415  (scikit-learn takes a second)

        try:
            evaluation = evaluate_library(self._artifacts, progress=self._progress)
            source = f"{self._artifacts.resolve().name} · cross-validation"
            state = ReportState("ready", version, page=report_page(evaluation, source))
        except ClusterTagsError as error:
            state = ReportState("failed", version, error=str(error))
        except Exception as error:
            state = ReportState("failed", version, error=f"the evaluation failed: {type(error).__name__}")
        with self._lock:
            self._state = state

    def _progress(self, stage: str, done: int, total: int) -> None:
        with self._lock:
            self._state = ReportState("working", self._state.version, stage, done, total)
