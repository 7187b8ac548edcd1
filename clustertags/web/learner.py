"""Learning in the background: edits are seen at once, and what tags they change follows within seconds."""

from __future__ import annotations

import operator
import threading
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from clustertags.errors import ClusterTagsError, LockedError
from clustertags.library.model import FittedLibrary
from clustertags.web.shelf import Shelf

SURE = 0.5
_PATIENCE_SECONDS = 0.3
_RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Gain:
    """What the last learning changed. `n_changed`: photos with another best tag; `n_sure_before`, `n_sure`: photos
    whose best tag is at least `SURE`; `n_labelled_before`, `n_labelled`: photos with tags of the person.
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
class Learning:
    """`phase`: "idle", "learning" or "failed"; `done` of `total` steps of `step`; `rounds`: how often it was learnt;
    `learnt`: the journal's last row that the last learning knew of.
    """

    phase: str = "idle"
    step: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    rounds: int = 0
    learnt: int = 0
    gain: Gain | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Learner:
    """One thread that publishes what was edited; wishes that come while it works are met by the next round."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._learnt = shelf.editor.library
        self._wished = threading.Event()
        self._closed = threading.Event()
        self.state = Learning()
        self._thread = threading.Thread(target=self._run, name="learner", daemon=True)

    def start(self) -> None:
        """Begin to work, with what an earlier run left to be learnt."""
        self._thread.start()
        if not self._shelf.editor.is_published:
            self.wish()

    def wish(self) -> None:
        """Have the edits learnt soon."""
        self._set(phase="learning", step="waiting", error="")
        self._wished.set()

    def close(self) -> None:
        """Stop after the round that is under way."""
        self._closed.set()
        self._wished.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            self._wished.wait()
            if self._closed.wait(_PATIENCE_SECONDS):  # a series of quick edits is learnt at once
                return
            self._wished.clear()
            try:
                self._learn()
            except LockedError as error:
                self._set(phase="learning", step=str(error))
                if self._closed.wait(_RETRY_SECONDS):
                    return
                self._wished.set()
            except ClusterTagsError as error:
                self._set(phase="failed", error=str(error))
            except Exception as error:
                self._set(phase="failed", error=f"learning failed: {type(error).__name__}")

    def _learn(self) -> None:
        started = time.monotonic()
        number = self._shelf.editor.journal.last
        self._shelf.editor.publish(self._progress)
        self._shelf.renew_tagger()
        learnt = self._shelf.editor.library
        gain = compare(self._learnt, learnt, time.monotonic() - started)
        self._learnt = learnt
        rounds = self.state.rounds + 1
        self.state = Learning("learning" if self._wished.is_set() else "idle", rounds=rounds, learnt=number, gain=gain)

    def _progress(self, stage: str, done: int, total: int) -> None:
        self._set(step=stage, done=done, total=total)

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)


def compare(before: FittedLibrary, after: FittedLibrary, seconds: float) -> Gain:
    """What changed between two states of the same photos, or of others where a fit came between."""
    same = before.n_photos == after.n_photos
    n_changed = sum(map(operator.ne, before.best_tags(), after.best_tags())) if same else after.n_photos
    return Gain(
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
    scores = library.top_tags.scores
    return int((scores[:, 0] >= SURE).sum()) if scores.shape[1] else 0
