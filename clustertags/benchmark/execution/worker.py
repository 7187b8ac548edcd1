"""The worker process: fit methods and predict draw by draw, measure time and memory, and store each cell."""

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
from clustertags.benchmark.execution.memory import peak_bytes, reset_peak
from clustertags.benchmark.method_interface import Method, Need, PhotoSample, Task
from clustertags.errors import ClusterTagsError
from clustertags.evaluation.per_photo_metrics import per_photo_metrics, per_tag_average_precision
from clustertags.names.encoder import sentence_encoder

MAX_CALIBRATION_PHOTOS = 1_000
"""Training photos without a label that are scored as well, to fit the map from scores to probabilities on."""


@dataclass(frozen=True, slots=True)
class CellRequest:
    """A cell to be computed."""

    method: type[Method]
    draw: Draw


@dataclass(frozen=True, slots=True)
class Job:
    """The cells that one process computes, in this order."""

    cells: tuple[CellRequest, ...]
    labelled: LabelledSet
    store: CellStore


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """The outcome of a cell; `reason`: why the method failed, empty where the cell was stored."""

    method: str
    budget: int
    number: int
    reason: str = ""


def work(job: Job) -> Iterator[CellOutcome]:
    """Compute the cells in turn. An exception becomes an outcome with its reason, and the next cell follows."""
    for item in job.cells:
        reason = ""
        try:
            job.store.write(item.method, item.draw, measure(job, item))
        except ClusterTagsError as error:
            reason = str(error)
        except Exception as error:  # any exception of a method, also of another package's, is its row's reason
            reason = f"{type(error).__name__}: {error}"
        yield CellOutcome(item.method.name, item.draw.budget, item.draw.number, reason)


def send_outcomes(job: Job, connection: Connection) -> None:
    """The main function of a worker process. The parent handles interrupts, warnings of libraries are ignored, and
    outcomes are dropped once the parent has died.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    with connection, suppress(BrokenPipeError):
        for outcome in work(job):
            connection.send(outcome)


def measure(job: Job, item: CellRequest) -> Cell:
    """Fit on the draw's labelled photos and score the test photos.

    The time of a fit includes `reused_seconds_`, the time an earlier row spent on results that the method reused.
    """
    labelled, split, draw = job.labelled, job.store.split, item.draw
    unlabelled = split.unlabelled(draw)
    task = Task(
        labelled.names,
        labelled.sample(unlabelled) if len(unlabelled) else None,
        labelled.classifier,
        sentence_encoder() if Need.WORD_VECTORS in item.method.needs else None,
        random_state=split.random_state + draw.number,
    )
    known, test = labelled.sample(draw.labelled), labelled.sample(split.test)
    method = item.method()
    gc.collect()
    reset_peak()
    before, started = peak_bytes(), time.perf_counter()
    fitted = method.fit(known, labelled.tags[draw.labelled], task)
    fit_seconds = time.perf_counter() - started + float(getattr(fitted, "reused_seconds_", 0.0))
    started = time.perf_counter()
    scores = checked_scores(fitted, test, len(labelled.names))
    predict_seconds = time.perf_counter() - started
    peak, truth = peak_bytes(), labelled.tags[split.test]
    keep = draw.number == min(item.number for item in split.draws)
    rows = calibration_rows(unlabelled) if keep else unlabelled[:0]
    return Cell(
        item.method.name,
        draw.budget,
        draw.number,
        len(draw.labelled),
        fit_seconds,
        predict_seconds,
        peak,
        before,
        per_photo_metrics(truth, scores),
        per_tag_average_precision(truth, scores),
        scores.astype(np.float32) if keep else None,
        checked_scores(fitted, labelled.sample(rows), len(labelled.names)).astype(np.float32) if len(rows) else None,
    )


def calibration_rows(unlabelled: NDArray[np.intp]) -> NDArray[np.intp]:
    """Evenly spaced ones of the training photos without a label, at most `MAX_CALIBRATION_PHOTOS`."""
    if len(unlabelled) <= MAX_CALIBRATION_PHOTOS:
        return unlabelled
    return unlabelled[np.linspace(0, len(unlabelled) - 1, MAX_CALIBRATION_PHOTOS).astype(np.intp)]


def checked_scores(method: Method, photos: PhotoSample, n_tags: int) -> NDArray[np.float64]:
    """The method's scores. Raises `ValueError` where their shape is wrong or some are not finite."""
    scores = np.asarray(method.predict_scores(photos), np.float64)
    if scores.shape != (len(photos), n_tags):
        raise ValueError(f"its scores have the shape {scores.shape} instead of {(len(photos), n_tags)}")
    if not np.isfinite(scores).all():
        raise ValueError("some of its scores are not finite")
    return scores
