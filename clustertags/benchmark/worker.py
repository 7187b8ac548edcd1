"""One method at work: fitted and asked draw by draw, its time and memory measured, each cell kept once it is done."""

from __future__ import annotations

import gc
import signal
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.cells import Cell, CellStore
from clustertags.benchmark.data.labelled_set import LabelledSet
from clustertags.benchmark.memory import forget_peak, peak_bytes
from clustertags.benchmark.methods.contract import Method, PhotoSample, Task, WordVectors
from clustertags.benchmark.photo_scores import photo_scores, tag_scores
from clustertags.benchmark.splits import Draw
from clustertags.errors import ClusterTagsError

MOST_SPARE = 1_000
"""So many training photos without a label are scored as well, to fit the map from scores to probabilities on."""


@dataclass(frozen=True, slots=True)
class Job:
    """A method and the draws that it has yet to do."""

    method: type[Method]
    draws: tuple[Draw, ...]
    labelled: LabelledSet
    store: CellStore
    words: WordVectors | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A draw that is done; `reason` says why where the method failed, and is empty where its cell is kept."""

    budget: int
    number: int
    reason: str = ""


def work(job: Job) -> Iterator[Outcome]:
    """Do the draws one after the other. What a method raises is an outcome with its reason; the next draw follows."""
    for draw in job.draws:
        try:
            job.store.write(job.method, draw, measure(job, draw))
        except ClusterTagsError as error:
            yield Outcome(draw.budget, draw.number, str(error))
        except Exception as error:  # whatever a method, also one of another package, raises is its row's reason
            yield Outcome(draw.budget, draw.number, f"{type(error).__name__}: {error}")
        else:
            yield Outcome(draw.budget, draw.number)


def send_outcomes(job: Job, connection: Connection) -> None:
    """The body of a worker process. An interrupt is the parent's to answer, warnings of libraries are nobody's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    with connection:
        for outcome in work(job):
            connection.send(outcome)


def measure(job: Job, draw: Draw) -> Cell:
    """Fit on the draw's labelled photos and score the test photos."""
    labelled, split = job.labelled, job.store.split
    unlabelled = split.unlabelled(draw)
    task = Task(
        labelled.names,
        labelled.sample(unlabelled) if len(unlabelled) else None,
        labelled.classifier,
        job.words,
        seed=split.seed + draw.number,
    )
    known, test = labelled.sample(draw.labelled), labelled.sample(split.test)
    method = job.method()
    gc.collect()
    forget_peak()
    before, started = peak_bytes(), time.perf_counter()
    fitted = method.fit(known, labelled.tags[draw.labelled], task)
    fit_seconds = time.perf_counter() - started
    started = time.perf_counter()
    scores = _answer(fitted, test, len(labelled.names))
    predict_seconds = time.perf_counter() - started
    peak, truth = peak_bytes(), labelled.tags[split.test]
    keep = draw.number == min(item.number for item in split.draws)
    spare = spare_rows(unlabelled) if keep else unlabelled[:0]
    return Cell(
        job.method.name,
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


def pending(job_draws: Sequence[Draw], store: CellStore, method: type[Method]) -> tuple[Draw, ...]:
    """The draws whose cells are not there yet."""
    return tuple(draw for draw in job_draws if not store.has(method, draw))
