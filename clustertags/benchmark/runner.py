"""All methods over all draws, each method in a process of its own, so that its memory can be told and it may fail."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from clustertags.benchmark.cells import CellStore
from clustertags.benchmark.data.labelled_set import LabelledSet
from clustertags.benchmark.methods.contract import Method, Need, WordVectors
from clustertags.benchmark.worker import Job, Outcome, pending, send_outcomes
from clustertags.types import Progress, no_progress

NO_USERS = "it needs to know whose each photo is, which this set does not say"
NO_OUTPUTS = "it needs the outputs of an ImageNet classifier, which this backbone does not have"
_END_SECONDS = 5.0


def _no_notice(text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far a run is: `progress` after each cell, `notice` after each method."""

    progress: Progress = no_progress
    notice: Callable[[str], None] = _no_notice


@dataclass(slots=True)
class Ran:
    """`failures`: why a method has no cell, by method, then by budget and draw; `n_computed`: cells made anew."""

    failures: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    n_computed: int = 0

    def take(self, name: str, outcome: Outcome) -> None:
        if outcome.reason:
            self.failures.setdefault(name, {})[outcome.budget, outcome.number] = outcome.reason
        else:
            self.n_computed += 1


def run_methods(
    labelled: LabelledSet,
    store: CellStore,
    methods: Sequence[type[Method]],
    *,
    words: WordVectors | None = None,
    watch: Watch | None = None,
) -> Ran:
    """Compute the cells that are not there yet. A method that fails is told in `Ran.failures`, and tried again.

    Interrupted, no half cell is left, and the next call goes on with the first that is missing.
    """
    watch = watch or Watch()
    jobs = {
        method.name: Job(method, pending(store.split.draws, store, method), labelled, store, words)
        for method in methods
    }
    total = sum(len(job.draws) for job in jobs.values())
    done = 0
    ran = Ran()
    for name, job in jobs.items():
        if reason := cannot_run(job.method, labelled):
            for draw in job.draws:
                ran.take(name, Outcome(draw.budget, draw.number, reason))
            done += len(job.draws)
            continue
        started = time.perf_counter()
        while job.draws:
            before = done
            for outcome in _in_process(job):
                ran.take(name, outcome)
                done += 1
                watch.progress("Comparing methods", done, total)
            job = Job(job.method, job.draws[done - before :], labelled, store, words)  # noqa: PLW2901
        if n := len(jobs[name].draws):
            failed = len(ran.failures.get(name, {}))
            words_failed = f", {failed} failed" if failed else ""
            watch.notice(f"{name}: {n - failed} of {n} cells in {time.perf_counter() - started:.1f} s{words_failed}")
    return ran


def cannot_run(method: type[Method], labelled: LabelledSet) -> str:
    """Why the method cannot stand in the table of this set at all, or nothing."""
    if Need.USERS in method.needs:
        return NO_USERS
    return NO_OUTPUTS if Need.OUTPUTS in method.needs and labelled.classifier is None else ""


def _in_process(job: Job) -> Iterator[Outcome]:
    """The outcomes of a job as its process sends them; where that dies, the draw it was at is the last, failed."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send_outcomes, args=(job, sender), daemon=True)
    process.start()
    sender.close()
    n_done = 0
    try:
        for draw in job.draws:
            outcome = _receive(receiver)
            if outcome is None:
                process.join(_END_SECONDS)
                yield Outcome(draw.budget, draw.number, f"its process ended unasked ({process.exitcode})")
                return
            n_done += 1
            yield outcome
    finally:
        receiver.close()
        process.join(_END_SECONDS if n_done == len(job.draws) else 0)
        if process.is_alive():
            process.terminate()
            process.join()


def _receive(receiver: Connection) -> Outcome | None:
    try:
        outcome: Outcome = receiver.recv()
    except EOFError:
        return None
    return outcome


def first_reasons(failures: Mapping[tuple[int, int], str]) -> tuple[str, ...]:
    """The distinct reasons of a method's failures, as they came."""
    return tuple(dict.fromkeys(failures.values()))
