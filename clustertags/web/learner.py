"""Learning in the background: an edit is shown at once; the tags that it changes follow within seconds."""

from __future__ import annotations

import operator
import threading
import time
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from clustertags.errors import ClusterTagsError, LockedError
from clustertags.library.model import FittedLibrary
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.web.library_state import LibraryState

_DEBOUNCE_SECONDS = 0.3
_RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class LearningGain:
    """What the last learning changed.

    `n_changed`: photos with another best tag. `n_sure_before`, `n_sure`: photos with a predicted tag, of `MIN_SCORE` or
    more. `n_labelled_before`, `n_labelled`: photos that the user tagged.
    """

    n_changed: int
    n_sure_before: int
    n_sure: int
    n_labelled_before: int
    n_labelled: int
    n_tags: int
    n_photos: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LearningState:
    """Progress of the learning.

    `done` of `total`: progress within `step`. `rounds`: completed learnings. `learnt`: the last row of the edit journal
    that the last learning included.
    """

    phase: Literal["idle", "learning", "failed"] = "idle"
    step: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    rounds: int = 0
    learnt: int = 0
    gain: LearningGain | None = None


class Learner:
    """A thread that learns from edits and publishes the result; requests during a round are met by the next one."""

    def __init__(self, library_state: LibraryState) -> None:
        self._library_state = library_state
        self._learnt = library_state.editor.library
        self._requested = threading.Event()
        self._closed = threading.Event()
        self.state = LearningState()
        self._thread = threading.Thread(target=self._run, name="learner", daemon=True)

    def start(self) -> None:
        """Start the thread; edits that an earlier run left unlearnt are learnt first, where that can be written."""
        self._thread.start()
        editor = self._library_state.editor
        if not editor.is_published and not editor.is_read_only:
            self.request_learning()

    def request_learning(self) -> None:
        """Learn from the edits as soon as possible."""
        self._set(phase="learning", step="waiting", error="")
        self._requested.set()

    def close(self) -> None:
        """Stop after the current round."""
        self._closed.set()
        self._requested.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            self._requested.wait()
            if self._closed.wait(_DEBOUNCE_SECONDS):  # several quick edits are learnt in one round
                return
            self._requested.clear()
            try:
                self._learn()
            except LockedError as error:
                self._set(phase="learning", step=self._library_state.describe(error))
                if self._closed.wait(_RETRY_SECONDS):
                    return
                self._requested.set()
            except ClusterTagsError as error:
                self._set(phase="failed", error=self._library_state.describe(error))
            except Exception as error:
                self._set(phase="failed", error=f"learning failed: {type(error).__name__}")

    def _learn(self) -> None:
        started = time.monotonic()
        number = self._library_state.editor.journal.last
        self._library_state.editor.publish(self._progress)
        self._library_state.renew_tagger()
        learnt = self._library_state.editor.library
        gain = compare(self._learnt, learnt, time.monotonic() - started)
        self._learnt = learnt
        rounds = self.state.rounds + 1
        self.state = LearningState(
            "learning" if self._requested.is_set() else "idle", rounds=rounds, learnt=number, gain=gain
        )

    def _progress(self, stage: str, done: int, total: int) -> None:
        self._set(step=stage, done=done, total=total)

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)


def compare(before: FittedLibrary, after: FittedLibrary, seconds: float) -> LearningGain:
    """What changed from one version to the next; where a fit in between changed the photos, all count as changed."""
    same = before.n_photos == after.n_photos
    n_changed = sum(map(operator.ne, before.best_tags(), after.best_tags())) if same else after.n_photos
    return LearningGain(
        n_changed,
        _n_sure(before),
        _n_sure(after),
        before.seeds.n_labelled,
        after.seeds.n_labelled,
        len(after.seeds.vocabulary),
        after.n_photos,
        round(seconds, 2),
    )


def _n_sure(library: FittedLibrary) -> int:
    scores = library.informative_top_tags().scores
    return int((scores[:, 0] >= np.float32(MIN_SCORE)).sum()) if scores.shape[1] else 0
