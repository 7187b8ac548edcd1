"""All methods over all draws, in processes of their own, so that their memory can be told and they may fail."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.execution.cells import CellStore
from clustertags.benchmark.execution.worker import Assigned, Job, Outcome, send_outcomes
from clustertags.benchmark.method_interface import Family, Method, Need
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

    def take(self, outcome: Outcome) -> None:
        if outcome.reason:
            self.failures.setdefault(outcome.method, {})[outcome.budget, outcome.number] = outcome.reason
        else:
            self.n_computed += 1


def run_methods(
    labelled: LabelledSet,
    store: CellStore,
    methods: Sequence[type[Method]],
    *,
    watch: Watch | None = None,
) -> Ran:
    """Compute the cells that are not there yet. A method that fails is told in `Ran.failures`, and tried again.

    Interrupted, no half cell is left, and the next call goes on with the first that is missing.
    """
    watch, ran = watch or Watch(), Ran()
    able = []
    for method in methods:
        if reason := cannot_run(method, labelled):
            for draw in store.split.draws:
                ran.take(Outcome(method.name, draw.budget, draw.number, reason))
        else:
            able.append(method)
    jobs = [Job(cells, labelled, store) for group in _groups(able) if (cells := _missing(group, store))]
    done, total = 0, sum(len(job.cells) for job in jobs)
    for job in jobs:
        started, job_done = time.perf_counter(), 0
        while job_done < len(job.cells):
            # A process that died leaves the cells after the one it was at to a new one.
            for outcome in _in_process(replace(job, cells=job.cells[job_done:])):
                ran.take(outcome)
                job_done, done = job_done + 1, done + 1
                watch.progress("Comparing methods", done, total)
        watch.notice(_told(job, ran, time.perf_counter() - started))
    return ran


def _groups(methods: Sequence[type[Method]]) -> list[list[type[Method]]]:
    """The methods of each process: one each, but the parts of the program, which share its layout, together."""
    ours = [method for method in methods if method.family is Family.OURS]
    others = [[method] for method in methods if method.family is not Family.OURS]
    return [*others, ours] if ours else others


def _missing(group: Sequence[type[Method]], store: CellStore) -> tuple[Assigned, ...]:
    """Draw by draw, so that the methods of a group find what the one before has just made."""
    return tuple(
        Assigned(method, draw) for draw in store.split.draws for method in group if not store.has(method, draw)
    )


def _told(job: Job, ran: Ran, seconds: float) -> str:
    names = dict.fromkeys(item.method.name for item in job.cells)
    n_failed = sum((item.draw.budget, item.draw.number) in ran.failures.get(item.method.name, {}) for item in job.cells)
    failed = f", {n_failed:,} failed" if n_failed else ""
    return f"{', '.join(names)}: {len(job.cells) - n_failed:,} of {len(job.cells):,} cells in {seconds:.1f} s{failed}"


def cannot_run(method: type[Method], labelled: LabelledSet) -> str:
    """Why the method cannot stand in the table of this set at all, or nothing."""
    if Need.USERS in method.needs:
        return NO_USERS
    return NO_OUTPUTS if Need.OUTPUTS in method.needs and labelled.classifier is None else ""


def _in_process(job: Job) -> Iterator[Outcome]:
    """The outcomes of a job as its process sends them; where that dies, the cell it was at is the last, failed."""
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
                why = f"its process ended unasked ({process.exitcode})"
                yield Outcome(item.method.name, item.draw.budget, item.draw.number, why)
                return
            n_done += 1
            yield outcome
    finally:
        receiver.close()
        process.join(_END_SECONDS if n_done == len(job.cells) else 0)
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
