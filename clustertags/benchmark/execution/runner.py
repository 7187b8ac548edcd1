"""Run all methods on all draws, each in its own process, to measure its memory and survive its failures."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.execution.cells import CellStore
from clustertags.benchmark.execution.worker import CellOutcome, CellRequest, Job, send_outcomes
from clustertags.benchmark.method_interface import Family, Method, Need
from clustertags.types import Progress, no_progress

NO_USERS = "it needs the user of each photo, which this set does not have"
NO_OUTPUTS = "it needs the outputs of an ImageNet classifier, which this backbone does not have"
_END_SECONDS = 5.0


def _no_notice(text: str) -> None:
    """Ignore the notice."""


@dataclass(frozen=True, slots=True)
class RunCallbacks:
    """Callbacks of a run: `progress` after each cell, `notice` after each method."""

    progress: Progress = no_progress
    notice: Callable[[str], None] = _no_notice


@dataclass(slots=True)
class RunSummary:
    """`failures`: reasons by method, then by budget and draw; `n_computed`: cells that were not cached."""

    failures: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    n_computed: int = 0

    def add(self, outcome: CellOutcome) -> None:
        if outcome.reason:
            self.failures.setdefault(outcome.method, {})[outcome.budget, outcome.number] = outcome.reason
        else:
            self.n_computed += 1


def run_methods(
    labelled: LabelledSet,
    store: CellStore,
    methods: Sequence[type[Method]],
    *,
    callbacks: RunCallbacks | None = None,
) -> RunSummary:
    """Compute the missing cells. Failures are in `RunSummary.failures`, and tried again by the next call.

    An interrupted run leaves no partial cell, and the next call resumes with the first missing one.
    """
    callbacks, summary = callbacks or RunCallbacks(), RunSummary()
    runnable = []
    for method in methods:
        if reason := cannot_run(method, labelled):
            for draw in store.split.draws:
                summary.add(CellOutcome(method.name, draw.budget, draw.number, reason))
        else:
            runnable.append(method)
    jobs = [Job(cells, labelled, store) for group in process_groups(runnable) if (cells := _missing(group, store))]
    done, total = 0, sum(len(job.cells) for job in jobs)
    for job in jobs:
        started, job_done = time.perf_counter(), 0
        while job_done < len(job.cells):
            # When a process dies, a new one computes the cells after the one that it failed on.
            for outcome in _in_process(replace(job, cells=job.cells[job_done:])):
                summary.add(outcome)
                job_done, done = job_done + 1, done + 1
                callbacks.progress("Comparing methods", done, total)
        callbacks.notice(_notice(job, summary, time.perf_counter() - started))
    return summary


def process_groups(methods: Sequence[type[Method]]) -> list[list[type[Method]]]:
    """The methods of each process: one each, except for the program's own, which share its layout."""
    own = [method for method in methods if method.family is Family.CLUSTERTAGS]
    others = [[method] for method in methods if method.family is not Family.CLUSTERTAGS]
    return [*others, own] if own else others


def _missing(group: Sequence[type[Method]], store: CellStore) -> tuple[CellRequest, ...]:
    """Draw by draw, so that the methods of a group reuse what an earlier one computed."""
    return tuple(
        CellRequest(method, draw) for draw in store.split.draws for method in group if not store.has(method, draw)
    )


def _notice(job: Job, summary: RunSummary, seconds: float) -> str:
    names = dict.fromkeys(item.method.name for item in job.cells)
    n_failed = sum(
        (item.draw.budget, item.draw.number) in summary.failures.get(item.method.name, {}) for item in job.cells
    )
    failed = f", {n_failed:,} failed" if n_failed else ""
    return f"{', '.join(names)}: {len(job.cells) - n_failed:,} of {len(job.cells):,} cells in {seconds:.1f} s{failed}"


def cannot_run(method: type[Method], labelled: LabelledSet) -> str:
    """Why the method cannot run on this set, or an empty string."""
    if Need.USERS in method.needs:
        return NO_USERS
    return NO_OUTPUTS if Need.OUTPUTS in method.needs and labelled.classifier is None else ""


def _in_process(job: Job) -> Iterator[CellOutcome]:
    """The outcomes of a job as its process sends them; if it dies, its current cell fails and is the last."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send_outcomes, args=(job, sender), daemon=True)
    process.start()
    sender.close()
    n_done = 0
    try:
        for item in job.cells:
            outcome = _receive(receiver)
            if outcome is None:
                process.join(_END_SECONDS)
                why = f"its process ended unexpectedly ({process.exitcode})"
                yield CellOutcome(item.method.name, item.draw.budget, item.draw.number, why)
                return
            n_done += 1
            yield outcome
    finally:
        receiver.close()
        process.join(_END_SECONDS if n_done == len(job.cells) else 0)
        if process.is_alive():
            process.terminate()
            process.join()


def _receive(receiver: Connection) -> CellOutcome | None:
    try:
        outcome: CellOutcome = receiver.recv()
    except EOFError:
        return None
    return outcome


def first_reasons(failures: Mapping[tuple[int, int], str]) -> tuple[str, ...]:
    """The distinct reasons of a method's failures, in order."""
    return tuple(dict.fromkeys(failures.values()))
