"""Tables of the zero-shot and the synthetic-users protocol, which are not ranked with the main table.

Methods are scored by `zero_shot` and `synthetic_users` in a process of their own, and the scores are cached on the
disk like cells.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.execution.cells import cell_key
from clustertags.benchmark.execution.runner import RunCallbacks, cannot_run
from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.extra_protocols.synthetic_users import assign_synthetic_users, score_synthetic_users
from clustertags.benchmark.extra_protocols.zero_shot import ZeroShotScores, score_zero_shot, split_tags
from clustertags.benchmark.method_interface import Family, Method, Need, Task, ZeroShotMethod
from clustertags.errors import ClusterTagsError, UsageError
from clustertags.library.storage import storage_errors, write_atomically
from clustertags.names.encoder import sentence_encoder

N_SPLITS = 3
LABELS_A_TAG = 10
EXTRA_FAMILIES = (Family.ZERO_SHOT, Family.GENERATOR, Family.USERS)
"""Families of methods in these tables; they have no row in the main one."""

_ZERO_SHOT_DESCRIPTION = (
    "Class-mean top-1: of unseen tags among themselves, then of unseen (U) and of seen tags (S) among all, and their "
    "harmonic mean H. Means over {n} splits of the tags, ± their standard deviation. No method gets a photo of an "
    "unseen tag; of a seen one it gets at most {labels}."
)
_USERS_DESCRIPTION = (
    "The photos and what they show are real; the users and how each names things are SYNTHETIC, simulated to see "
    "whether a method uses them. Share of test photos whose top tag is correct, with these users and, as a "
    "control, with users shuffled. Means over {n} seeds, ± their standard deviation."
)


@dataclass(frozen=True, slots=True)
class ProtocolTable:
    """The columns of a protocol's table; `figures`: (attribute of its scores, column) pairs; `stage` of progress."""

    name: str
    title: str
    stage: str
    description: str
    figures: tuple[tuple[str, str], ...]


ZERO_SHOT_TABLE = ProtocolTable(
    "zero-shot",
    "Zero-shot",
    "Scoring unseen tags",
    _ZERO_SHOT_DESCRIPTION,
    (("zero_shot", "Zero-shot"), ("unseen", "Unseen U"), ("seen", "Seen S"), ("harmonic", "H")),
)
USERS_TABLE = ProtocolTable(
    "synthetic-users",
    "Synthetic users",
    "Scoring synthetic users",
    _USERS_DESCRIPTION,
    (("synthetic", "P@1, synthetic users"), ("shuffled", "P@1, users shuffled")),
)


@dataclass(frozen=True, slots=True)
class SplitScores:
    """The metrics of one method on one split, in the order of its table, or why there are none."""

    figures: tuple[float, ...] = ()
    reason: str = ""


Scorer = Callable[[LabelledSet, type[Method], int], SplitScores]


def extra_sections(
    labelled: LabelledSet, methods: Sequence[type[Method]], folder: Path, random_state: int, callbacks: RunCallbacks
) -> tuple[Section, ...]:
    """The zero-shot table of methods that can predict unseen tags, and the table of user-conditional methods; each only
    where there are such methods.
    """
    zero_shot = [method for method in methods if callable(getattr(method, "predict_candidates", None))]
    zero_shot = [method for method in zero_shot if not cannot_run(method, labelled)]
    user_conditional = [method for method in methods if method.family is Family.USERS]
    sections = []
    for table, score, runnable in (
        (ZERO_SHOT_TABLE, score_unseen, zero_shot),
        (USERS_TABLE, score_users, user_conditional),
    ):
        if runnable:
            rows = []
            for done, method in enumerate(runnable):
                callbacks.progress(table.stage, done, len(runnable))
                scores = [
                    _cached_scores(labelled, method, folder, table, score=score, random_state=random_state + number)
                    for number in range(N_SPLITS)
                ]
                rows.append((method.title, *_cells(scores, table)))
            callbacks.progress(table.stage, len(runnable), len(runnable))
            columns = ("Method", *(column for _, column in table.figures))
            sections.append(
                Section(
                    table.name,
                    table.title,
                    table.description.format(n=N_SPLITS, labels=LABELS_A_TAG),
                    columns,
                    tuple(rows),
                )
            )
    return tuple(sections)


def score_unseen(labelled: LabelledSet, method: type[Method], random_state: int) -> SplitScores:
    """Split the tags into seen and unseen ones by `random_state`, and score the method."""
    encoder = sentence_encoder() if Need.WORD_VECTORS in method.needs else None
    task = Task(labelled.names, None, labelled.classifier, encoder, random_state)
    photos = labelled.sample(np.arange(len(labelled)))

    def score() -> ZeroShotScores:
        estimator = method()
        if not isinstance(estimator, ZeroShotMethod):
            raise UsageError(f"{method.name} cannot rank unseen tags")
        split = split_tags(labelled.tags, random_state, labels_a_tag=LABELS_A_TAG)
        return score_zero_shot(estimator, photos, labelled.tags, split, task)

    return _scored(ZERO_SHOT_TABLE, score)


def score_users(labelled: LabelledSet, method: type[Method], random_state: int) -> SplitScores:
    """Assign the photos to synthetic users by `random_state`; score the method with these and with shuffled users."""
    photos = labelled.sample(np.arange(len(labelled)))
    users = assign_synthetic_users(labelled.tags, labelled.names, random_state=random_state)
    return _scored(
        USERS_TABLE,
        lambda: score_synthetic_users([method()], photos, users, random_state)[0],
    )


def _scored(table: ProtocolTable, score: Callable[[], object]) -> SplitScores:
    try:
        scores = score()
    except ClusterTagsError as error:
        return SplitScores(reason=str(error))
    except Exception as error:  # any exception of a method is its row's reason
        return SplitScores(reason=f"{type(error).__name__}: {error}")
    return SplitScores(tuple(float(getattr(scores, name)) for name, _ in table.figures))


def _cached_scores(
    labelled: LabelledSet, method: type[Method], folder: Path, table: ProtocolTable, *, score: Scorer, random_state: int
) -> SplitScores:
    """The cached scores of an earlier run, or new ones, which are cached unless they failed."""
    path = folder / f"{table.name}-{cell_key(method, labelled.digest())}-{random_state}.json"
    try:
        figures = tuple(float(value) for value in json.loads(path.read_bytes()))
        if len(figures) == len(table.figures):
            return SplitScores(figures)
    except (OSError, ValueError, TypeError):
        pass
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            scores = pool.submit(score, labelled, method, random_state).result()
        except BrokenProcessPool:
            return SplitScores(reason="its process ended unexpectedly")
    if not scores.reason:
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(scores.figures).encode())
    return scores


def _cells(scores: Sequence[SplitScores], table: ProtocolTable) -> tuple[str, ...]:
    """Means over the splits, or the reason in the first cell."""
    reason = next((item.reason for item in scores if item.reason), "")
    if reason:
        return (reason, *("–" for _ in table.figures[1:]))
    values = np.array([item.figures for item in scores])
    means, deviations = values.mean(axis=0), values.std(axis=0, ddof=1)
    return tuple(f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(means, deviations, strict=True))
