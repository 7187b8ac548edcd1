"""Methods at work: fitted and asked draw by draw, their time and memory measured, each cell kept once it is done."""

from __future__ import annotations

import gc
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.datasets.splits import Draw
from clustertags.benchmark.execution.cells import Cell, CellStore
from clustertags.benchmark.execution.memory import forget_peak, peak_bytes
from clustertags.benchmark.method_interface import Method, Need, PhotoSample, Task
from clustertags.errors import ClusterTagsError
from clustertags.evaluation.per_photo_metrics import photo_scores, tag_scores
from clustertags.names.encoder import sentence_encoder

MOST_SPARE = 1_000
"""So many training photos without a label are scored as well, to fit the map from scores to probabilities on."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A cell to be computed."""

    method: type[Method]
    draw: Draw


@dataclass(frozen=True, slots=True)
class Job:
    """The cells that one process computes, in this order."""

    cells: tuple[Assigned, ...]
    labelled: LabelledSet
    store: CellStore


@dataclass(frozen=True, slots=True)
class Outcome:
    """A cell that is done; `reason` says why where the method failed, and is empty where its cell is kept."""

    method: str
    budget: int
    number: int
    reason: str = ""


def work(job: Job) -> Iterator[Outcome]:
    """Compute the cells one after the other. What a method raises is an outcome with its reason; the next follows."""
    for item in job.cells:
        reason = ""
        try:
            job.store.write(item.method, item.draw, measure(job, item))
        except ClusterTagsError as error:
            reason = str(error)
        except Exception as error:  # whatever a method, also one of another package, raises is its row's reason
            reason = f"{type(error).__name__}: {error}"
        yield Outcome(item.method.name, item.draw.budget, item.draw.number, reason)


def send_outcomes(job: Job, connection: Connection) -> None:
    """The body of a worker process. An interrupt is the parent's to answer, warnings of libraries are nobody's; once
    the parent has died there is nobody to tell.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    with connection, suppress(BrokenPipeError):
        for outcome in work(job):
            connection.send(outcome)


def measure(job: Job, item: Assigned) -> Cell:
    """Fit on the draw's labelled photos and score the test photos.

    Where a method took over what another row had made in this process, its `reused_seconds_` say how long that took,
    and are counted.
    """
    labelled, split, draw = job.labelled, job.store.split, item.draw
    unlabelled = split.unlabelled(draw)
    task = Task(
        labelled.names,
        labelled.sample(unlabelled) if len(unlabelled) else None,
        labelled.classifier,
        sentence_encoder() if Need.WORD_VECTORS in item.method.needs else None,
        seed=split.seed + draw.number,
    )
    known, test = labelled.sample(draw.labelled), labelled.sample(split.test)
    method = item.method()
    gc.collect()
    forget_peak()
    before, started = peak_bytes(), time.perf_counter()
    fitted = method.fit(known, labelled.tags[draw.labelled], task)
    fit_seconds = time.perf_counter() - started + float(getattr(fitted, "reused_seconds_", 0.0))
    started = time.perf_counter()
    scores = _answer(fitted, test, len(labelled.names))
    predict_seconds = time.perf_counter() - started
    peak, truth = peak_bytes(), labelled.tags[split.test]
    keep = draw.number == min(item.number for item in split.draws)
    spare = spare_rows(unlabelled) if keep else unlabelled[:0]
    return Cell(
        item.method.name,
        draw.budget,
        draw.number,
        len(draw.labelled),
        fit_seconds,
        predict_seconds,
        peak,
        before,
        photo_scores(truth, scores),
        tag_scores(truth, scores),
        scores.astype(np.float32) if keep else None,
        _answer(fitted, labelled.sample(spare), len(labelled.names)).astype(np.float32) if len(spare) else None,
    )


def spare_rows(unlabelled: NDArray[np.intp]) -> NDArray[np.intp]:
    """Evenly spaced ones of the training photos without a label, at most `MOST_SPARE`."""
    if len(unlabelled) <= MOST_SPARE:
        return unlabelled
    return unlabelled[np.linspace(0, len(unlabelled) - 1, MOST_SPARE).astype(np.intp)]


def _answer(method: Method, photos: PhotoSample, n_tags: int) -> NDArray[np.float64]:
    scores = np.asarray(method.predict_scores(photos), np.float64)
    if scores.shape != (len(photos), n_tags):
        raise ValueError(f"its scores have the shape {scores.shape} where {(len(photos), n_tags)} was asked")
    if not np.isfinite(scores).all():
        raise ValueError("some of its scores are not finite")
    return scores
