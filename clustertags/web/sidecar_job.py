"""Sidecars written, shown or undone in the background, one job at a time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Literal

from clustertags.errors import ClusterTagsError, LockedError
from clustertags.export.records import ExportOptions
from clustertags.export.sidecar_names import SidecarName
from clustertags.export.sidecar_runs import SidecarOutcome, SidecarReport
from clustertags.library.artifacts import Artifacts
from clustertags.web.library_state import LibraryState
from clustertags.workflows import sidecars
from clustertags.workflows.export import gather_edited

SHOWN = 20
"""How many differences a dry run keeps for the page."""
_PATIENCE_SECONDS = 60.0  # while edits are being learnt, the library is locked
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class SidecarRequest:
    """What to do; `dry_run`: only show it. The others are of a write."""

    action: Literal["write", "undo"] = "write"
    dry_run: bool = True
    options: ExportOptions = field(default_factory=ExportOptions)
    name: SidecarName | None = None


@dataclass(frozen=True, slots=True)
class SidecarState:
    """State of the last job; `done` of `total` photos. `shown`: the first outcomes of a dry run with a difference."""

    phase: Literal["none", "working", "ready", "failed"] = "none"
    request: SidecarRequest = field(default_factory=SidecarRequest)
    done: int = 0
    total: int = 0
    error: str = ""
    report: SidecarReport | None = None
    shown: tuple[SidecarOutcome, ...] = ()


class _ClosedError(Exception):
    """The app stops while a job runs."""


class SidecarJob:
    """Runs at most one job; safe to use from several threads."""

    def __init__(self, library_state: LibraryState, artifacts: Artifacts) -> None:
        self._library_state, self._artifacts = library_state, artifacts
        self._lock = threading.Lock()
        self._state = SidecarState()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> SidecarState:
        with self._lock:
            return self._state

    def start(self, request: SidecarRequest) -> SidecarState:
        """Start a job. Raises `LockedError` while one runs."""
        with self._lock:
            if self._state.phase == "working":
                raise LockedError("sidecars are being written already: wait until that is done")
            self._state = SidecarState("working", request)
            self._thread = threading.Thread(target=self._run, args=(request,), name="sidecars", daemon=True)
            self._thread.start()
            return self._state

    def close(self) -> None:
        """Stop after the current sidecar; what was written is recorded."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self, request: SidecarRequest) -> None:
        shown: list[SidecarOutcome] = []
        try:
            report = self._when_unlocked(request, shown)
            state = SidecarState("ready", request, report=report, shown=tuple(shown))
        except _ClosedError:
            return
        except ClusterTagsError as error:
            state = SidecarState("failed", request, error=self._library_state.describe(error))
        except Exception as error:
            state = SidecarState("failed", request, error=f"it failed: {type(error).__name__}")
        with self._lock:
            self._state = state

    def _when_unlocked(self, request: SidecarRequest, shown: list[SidecarOutcome]) -> SidecarReport:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self._carry_out(request, shown)
            except LockedError:
                if time.monotonic() > deadline or self._closed.wait(_PAUSE_SECONDS):
                    raise

    def _carry_out(self, request: SidecarRequest, shown: list[SidecarOutcome]) -> SidecarReport:
        def show(outcome: SidecarOutcome) -> None:
            if outcome.difference and len(shown) < SHOWN:
                shown.append(outcome)

        folder = self._artifacts.folder
        if request.action == "undo":
            return sidecars.undo(folder, dry_run=request.dry_run, on_outcome=show, progress=self._progress)
        export = gather_edited(self._library_state.editor, self._artifacts, request.options)
        return sidecars.write_sidecars(
            export, folder, name=request.name, dry_run=request.dry_run, on_outcome=show, progress=self._progress
        )

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self._closed.is_set():
            raise _ClosedError
        with self._lock:
            self._state = replace(self._state, done=done, total=total)
